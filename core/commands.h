/* commands.h - the descriptions of all commands of the clio program (command.h
 * says what one holds); each lies in its cmd_NAME.c. Their run() gets the
 * command's name as argv[0] and returns the exit code (DESIGN section 9). */
#ifndef CLIO_CORE_COMMANDS_H
#define CLIO_CORE_COMMANDS_H
#include "command.h"

extern const command command_run, command_check, command_inspect, command_show, command_doctor,
    command_purge;
extern const command command_plan, command_new, command_conform;
#endif
