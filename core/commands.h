/* commands.h - one function per command of the clio program. argv[0] is the
 * command's name. Each returns the exit code (DESIGN section 9). */
#ifndef CLIO_CORE_COMMANDS_H
#define CLIO_CORE_COMMANDS_H

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_show(int argc, char **argv);
#endif
