/* conform_cures.c - what an author does about each sentence of the bench: one cure a rule. */
#include "clio-build.h"

#include <string.h>

#include "conform_parts.h"

/* A piece of the sentence, and the cure. The first that fits is taken. */
static const char *const cures[][2] = {
    {"is null and not nullable",
     "put a value into every row of it, or add CLIO_COL_NULLABLE to its flags; a row that put() "
     "skips is null"},
    {"was neither declared nor planned",
     "add it to the columns of the output port, or plan it with host->plan_output()"},
    {"was planned as", "give add() the type and dim that the column was declared with"},
    {"and has none", "add() every column that the output declares, or flag it CLIO_COL_OPTIONAL"},
    {"emits once per batch", "start and emit one builder in each call of process()"},
    {"has not asked for it",
     "declare it in the input port's columns, name it by a CLIO_COLUMN parameter, or ask for it in "
     "plan() with host->plan_use()"},
    {"and is read as", "read a column as the type that it has; clio_planned() tells it in plan()"},
    {"after the call that gave it",
     "host->ref() a table that is kept past its call, and host->unref() it in destroy(); views of "
     "it end with it"},
    {"tables past destroy", "host->unref() in destroy() every table that was host->ref()ed"},
    {"not UTF-8", "cut texts between characters, never inside one"},
    {"holds NaN or infinity", "look for a division by 0 or a norm of 0; a vector may be null"},
    {"a bool is 0 or 1", "write !!x"},
    {"not one of its choices",
     "put() one of the declared choices, or leave the row out, which makes it null"},
    {"not strictly increasing", "give pick as row numbers in rising order, none twice"},
    {"without a pick", "give start() the base's number of rows, or a pick"},
    {"of a base of", "pick rows that the base has"},
    {"only a source starts conversations", "give start() the input table as its base"},
    {"is the host's", "call the column something else"},
    {"has a column", "call the column something else; a base's columns are shared, not replaced"},
    {"after row", "put() and item() rows in rising order"},
    {"was not closed", "close() every file that was opened"},
    {"without a word", "say with host->fail() what failed, on which thing, and what to try"},
    {"progress:", "tell no more done than there is in all"},
    {"has no dim", "plan_output() the vector with its dim"},
    {"the stage says never", "add CLIO_COL_NULLABLE to the column's flags, and handle a null"},
    {"the same ask makes another request", "build() may use no clock, chance or counter"},
    {"is not JSON", "escape quotes, backslashes and control characters in what is sent"},
    {"neither https nor this machine's", "send to https addresses; http only to localhost"},
    {"repeats the question", "say in `why` what is wrong with the reply, never what was asked"},
    {"numbers of tokens",
     "in_likely is at least 1 and at most in_tokens, in_shared at most in_likely"},
    {"no word about why", "fill `why` wherever the outcome is not CLIO_OUT_OK"},
    {"ADAPT goes with",
     "set bits of `without` with CLIO_OUT_ADAPT alone, and none that is out already"},
};

const char *conform_cure(const char *sentence, const char *otherwise) {
  for (size_t i = 0; i < G_N_ELEMENTS(cures); i++)
    if (strstr(sentence, cures[i][0])) return cures[i][1];
  return otherwise;
}
