/* bad.c - a small plugin, good as it stands; each macro that refusals.txt sets on
 * the command line makes one thing of it wrong. */
#ifndef HEADER
#define HEADER "clio.h"
#endif
#include HEADER

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef SYMBOL
#define SYMBOL clio_plugin_v0
#endif
#ifndef MAGIC
#define MAGIC CLIO_MAGIC
#endif
#ifndef MAJOR
#define MAJOR CLIO_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR 0
#endif
#ifndef HEAD_SIZE
#define HEAD_SIZE sizeof(clio_plugin)
#endif
#ifndef LICENSE
#define LICENSE "Apache-2.0"
#endif
#ifndef STAGE_SIZE
#define STAGE_SIZE sizeof(clio_stage)
#endif
#ifndef KIND
#define KIND "extractor"
#endif
#ifndef NAME
#define NAME "bad"
#endif
#ifndef SUMMARY
#define SUMMARY "does nothing"
#endif
#ifndef THREADS
#define THREADS CLIO_SERIAL
#endif
#ifndef CAPS
#define CAPS 0
#endif
#ifndef CONFIG_SIZE
#define CONFIG_SIZE sizeof(config)
#endif
#ifndef PROCESS
#define PROCESS process
#endif
#ifndef FINISH
#define FINISH finish
#endif
#ifndef PORT
#define PORT \
  { .name = "in", .rows = CLIO_ROWS_CONVERSATION }
#endif
#ifndef OUT_PORT
#define OUT_PORT \
  { .name = "out", .columns = CLIO_LIST(columns), .rows = CLIO_ROWS_CONVERSATION }
#endif
#ifndef COLUMN
#define COLUMN \
  { .name = "length", .type = CLIO_T_I64 }
#endif
#ifndef CLIO_RECORDS /* a header from before there were any */
typedef clio_strlist clio_records;
#define PARTS CLIO_STRS(config, parts, "[]", "parts")
#endif
#ifndef FIELD
#define FIELD CLIO_STR(part, name, NULL, "a name")
#endif
#ifndef PARTS
#define PARTS CLIO_RECORDS(config, parts, "null", part, fields, "parts")
#endif
#ifndef PARAM
#define PARAM CLIO_INT(config, size, "5", 1, 9, "a size")
#endif
#ifndef INPUTS
#define INPUTS CLIO_LIST(inputs)
#endif
#ifndef PARAMS
#define PARAMS CLIO_LIST(params)
#endif
#ifndef STAGES
#define STAGES &stage
#endif
#ifndef PRELUDE
#define PRELUDE
#endif

typedef struct config {
  int64_t size;
  double share;
  const char *word;
  clio_records parts;
} config;

typedef struct part {
  const char *name;
  int64_t least;
} part;

PRELUDE

static clio_status process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  (void)self, (void)call, (void)port, (void)in;
  return CLIO_OK;
}
static clio_status finish(void *self, clio_call *call) {
  (void)self, (void)call;
  return CLIO_OK;
}
/* Named, so that a case may leave either out. */
void *const keep[] = {(void *)process, (void *)finish};

static const char *const no_choices[] = {NULL};
static const char *const choices[] = {"a", "b", NULL};
const void *const keep_lists[] = {no_choices, choices};
static const clio_column columns[] = {COLUMN};
static const clio_port inputs[] = {PORT};
static const clio_port outputs[] = {OUT_PORT};
static const clio_param fields[] = {FIELD};
static const clio_param params[] = {PARAM};
const void *const keep_ports[] = {columns, inputs, fields, params};
static const clio_stage stage = {
    .struct_size = STAGE_SIZE,
    .threads = THREADS,
    .caps = CAPS,
    .kind = KIND,
    .name = NAME,
    .summary = SUMMARY,
    .inputs = INPUTS,
    .outputs = CLIO_LIST(outputs),
    .params = PARAMS,
    .config_size = CONFIG_SIZE,
    .process = PROCESS,
    .finish = FINISH,
};
static const clio_stage *const stages[] = {STAGES, NULL};
const void *const keep_stages[] = {&stage};
CLIO_EXPORT extern const clio_plugin SYMBOL;
CLIO_EXPORT const clio_plugin SYMBOL = {
    .magic = MAGIC,
    .struct_size = HEAD_SIZE,
    .abi_major = MAJOR,
    .abi_minor = MINOR,
    .id = "clio.test.bad",
    .version = "1",
    .license = LICENSE,
    .stages = stages,
};
