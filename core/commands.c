/* commands.c - the list of clio's commands, and what holds for all of them: a
 * new command is a file cmd_NAME.c and a line in commands.h and here. */
#include "commands.h"

const command *const commands[] = {
    &command_run,    &command_check, &command_plan, &command_inspect, &command_show,
    &command_doctor, &command_purge, &command_new,  &command_conform, NULL,
};

const command_note command_exits[] = {
    {"0", "done"},
    {"1", "failed"},
    {"2", "the command line is wrong"},
    {"6", "the gate refused: nothing could be released, or account ids are missing"},
    {"74", "a file could not be read or written"},
    {"78", "the graph is bad, static refusals of privacy included"},
    {"130, 143", "interrupted; the same command goes on"},
    {NULL, NULL},
};

const command_note command_environment[] = {
    {"CLIO_PLUGIN_PATH",
     "folders of plugins, with colons between, in place of the default ones; an empty part stands "
     "for those"},
    {"CLIO_DATA_PATH",
     "the folder of word lists and shipped graphs, in place of the installed one"},
    {"CLIO_PROJECT_KEY",
     "32 hex digits: the key under which ids are hashed, in place of .clio/key"},
    {"NO_COLOR", "not empty: no colours"},
    {"COLUMNS", "the width to write for where stdout is no terminal"},
    {NULL, NULL},
};

const command_note command_files[] = {
    {"OUT/release/",
     "the release: clusters.json, clusters.csv, facets.csv; the only part meant to leave"},
    {"OUT/public/, OUT/restricted/", "the same in those modes"},
    {"OUT/manifest.json", "what ran, with exact counts; for the operator (0600)"},
    {"OUT/private/", "derived columns and the log, for the operator (0700)"},
    {"~/.local/share/clio/plugins/KIND/", "your own plugins, beside the installed ones"},
    {".clio/", "beside OUT: the project's key and its register of releases (0700)"},
    {NULL, NULL},
};
