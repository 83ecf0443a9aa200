/* breaks.c - extractor/breaks: a stage that breaks one rule, chosen when it is compiled
 * (-DBREAKS=NULLS; -DBREAKS_MORE declares a second column), so that `clio conform` must name
 * that rule and no other. With -DBREAKS=NOTHING it breaks none. See conform.sh. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "clio_util.h"

enum {
  NOTHING,
  ENDLESS,    /* descriptor: its choices do not end */
  HELP,       /* parameters: one has no help */
  WORDLESS,   /* parameters: plan() refuses what the range allows, and says nothing */
  CLASS,      /* classes: RAW becomes DERIVED without the capability */
  GROUPED,    /* classes: a value per conversation that calls itself GROUPED */
  INHERITED,  /* classes: a facet of RAW text, of no class of its own */
  OUTPUTS,    /* classes: declares a column of the host's by another type */
  CLOCK,      /* calls: the time */
  FILES,      /* calls: a file */
  THREADS,    /* calls: a thread */
  SETTINGS,   /* calls: the environment */
  DICE,       /* calls: chance of its own */
  UNDECLARED, /* run: reads a column that it has not declared */
  TYPE,       /* run: reads a column by another type */
  TWICE,      /* run: emits a batch twice */
  NEVER,      /* run: declares a column that it never adds */
  KEEPS,      /* run: uses a table after its call */
  PRINTS,     /* calls, run: prints */
  CRASHES,    /* run: crashes on anything */
  TELLS,      /* run: logs what a person wrote */
  TELLS_ROW,  /* run: says it of a row */
  EMPTY,      /* small: crashes on an input without rows */
  NULLS,      /* nulls: looks at a text that is not there */
  NEVER_NULL, /* nulls: says that accounts are never null */
  EXITS,      /* calls, nulls: ends the process */
  UNFLAGGED,  /* nulls: leaves rows of a column null that is never null */
  LONG,       /* text: fails on a long one */
  HANGS,      /* text: does not come back */
  NUMBERS,    /* batches: numbers rows within a batch */
  CHANCE,     /* batches, state: another result each time */
  SHARED,     /* threads: calls at once see each other */
  WRITES,     /* (noted by threads) writes to self */
  COUNTS,     /* state: counts its calls in a static variable */
  SETS,       /* state: keeps a parameter in a static variable */
  LEAKS,      /* leaks: frees nothing */
  ORDER,      /* threads: sums over blocks in the order in which they come */
  UNCHECKED,  /* memory: writes where there is none */
  SILENT,     /* memory: says that all is well */
  DEAF        /* cancel: goes on and on */
};

typedef struct breaks_config {
  int64_t most;
} breaks_config;

typedef struct breaks_self {
  clio_self own; /* first, so that clio_self's functions do */
  const clio_table *kept;
  int64_t seen;
} breaks_self;

static int64_t calls, inside, limit;

static clio_status breaks_plan(const clio_host *host, clio_plan *plan, const void *config) {
  (void)host, (void)plan;
  int refuses = BREAKS == WORDLESS && ((const breaks_config *)config)->most == 1000;
  return refuses ? CLIO_E_CONFIG : CLIO_OK;
}

static clio_status breaks_create(const clio_host *host, clio_call *call, const void *config,
                                 void **ret_self) {
  breaks_self *self = calloc(1, sizeof *self);
  (void)call;
  self->own = (clio_self){host, config};
  if (BREAKS == SETS) limit = ((const breaks_config *)config)->most;
  *ret_self = self;
  return CLIO_OK;
}

static clio_status breaks_finish(void *self, clio_call *call) {
  breaks_self *b = self;
  (void)call;
  if (BREAKS == KEEPS && b->kept) b->seen = (int64_t)b->own.host->rows(b->kept);
  return CLIO_OK;
}

static void *breaks_thread(void *unused) { return unused; }

static void wait_ms(long ms) {
  struct timespec time = {0, ms * 1000000};
  nanosleep(&time, NULL);
}

/* The order in which blocks come decides. */
static clio_status mix_block(void *ctx, uint64_t i) {
  int64_t *sum = ctx;
  *sum = *sum * 3 + (int64_t)i;
  return CLIO_OK;
}

static int64_t measure(clio_span text, uint64_t row) {
  if (BREAKS == NULLS) return text.s[0];
  if (BREAKS == EXITS && !text.s) exit(3);
  for (int64_t i = 0; BREAKS == HANGS && i < text.len; i++)
    while (text.s[i] == '\x1b') wait_ms(1);
  if (BREAKS == NUMBERS) return (int64_t)row;
  if (BREAKS == CHANCE) return calls++;
  if (BREAKS == COUNTS) calls++;
  if (BREAKS == SETS) return text.len + limit;
  if (BREAKS == CLOCK) return text.len + (time(NULL) == 0);
  if (BREAKS == SETTINGS) return text.len + (getenv("CLIO_BREAKS") != NULL);
  if (BREAKS == DICE) return text.len + (rand() < 0);
  if (BREAKS == DEAF) wait_ms(4);
  return text.len;
}

/* What holds for a whole batch and not for a row. */
static clio_status meddle(const clio_host *host, clio_call *call, const clio_table *in,
                          int64_t *ret_extra) {
  clio_view other;
  pthread_t thread;
  FILE *file = BREAKS == FILES ? fopen("/dev/null", "r") : NULL;
  if (file) fclose(file);
  if (BREAKS == THREADS && !pthread_create(&thread, NULL, breaks_thread, NULL))
    pthread_join(thread, NULL);
  if (BREAKS == LEAKS) *(volatile char *)malloc(40) = 1;
  if (BREAKS == TYPE) CLIO_TRY(clio_get(host, call, in, "request", CLIO_T_I64, &other));
  if (BREAKS == PRINTS) puts("hello");
  if (BREAKS == CRASHES) abort();
  if (BREAKS == EMPTY && host->rows(in) == 0) abort();
  if (BREAKS == UNDECLARED) CLIO_TRY(clio_get(host, call, in, "language", CLIO_T_UTF8, &other));
  if (BREAKS == SILENT && !host->scratch(call, 64)) return CLIO_OK;
  if (BREAKS == SHARED) {
    *ret_extra = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) - 1;
    wait_ms(20);
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
  }
  if (BREAKS == ORDER) {
    const clio_parallel *parallel = clio_need(host, call, CLIO_PARALLEL_ID, sizeof *parallel);
    if (parallel) return parallel->each(call, 5, mix_block, ret_extra);
  }
  return CLIO_OK;
}

static clio_status emit(const clio_host *host, clio_call *call, const clio_table *in,
                        int64_t extra) {
  clio_view text;
  CLIO_TRY(clio_get(host, call, in, "request", CLIO_T_UTF8, &text));
  clio_builder *out = host->start(call, 0, in, NULL, text.rows);
  int64_t *length = host->data(out, host->add(out, "breaks", CLIO_T_I64, 0));
  for (uint64_t row = 0; (length || BREAKS == UNCHECKED) && row < text.rows; row++) {
    clio_span span = clio_utf8(&text, row);
    if (BREAKS == LONG && span.len > 5000)
      return host->fail(call, CLIO_E_INPUT, "a text is longer than 5000 bytes");
    if (BREAKS != DEAF && host->cancelled(call)) return CLIO_E_CANCELLED;
    if (BREAKS == TELLS && span.s)
      clio_logf(host, call, CLIO_LOG_INFO, "saw: %.*s", (int)span.len, span.s);
    if (BREAKS == TELLS_ROW && span.s && row == 3)
      CLIO_TRY(clio_fail_rowf(host, call, row, CLIO_E_INPUT, "no: %.*s", (int)span.len, span.s));
    length[row] = measure(span, row) + extra;
    if (BREAKS == UNFLAGGED && !span.s) host->put(out, 0, row, NULL, -1);
  }
  return host->emit(out);
}

static clio_status breaks_process(void *self, clio_call *call, uint32_t port,
                                  const clio_table *in) {
  const clio_host *host = ((const clio_self *)self)->host;
  int64_t extra = 0;
  (void)port;
  if (BREAKS == WRITES) ((breaks_self *)self)->seen++;
  if (BREAKS == KEEPS) ((breaks_self *)self)->kept = in;
  CLIO_TRY(meddle(host, call, in, &extra));
  if (BREAKS == TWICE) CLIO_TRY(emit(host, call, in, extra));
  return emit(host, call, in, extra);
}

/* Two choices, and then whatever lies there. */
static const struct {
  const char *choices[2];
  uintptr_t behind[4];
} endless = {{"few", "many"}, {77, 78, 79, 80}};

enum { FLAGS = BREAKS == NEVER_NULL ? 0 : CLIO_COL_NULLABLE };
static const clio_param params[] = {
    CLIO_INT(breaks_config, most, "10", 1, 1000, BREAKS == HELP ? "" : "a number"),
};
static const clio_column reads[] = {
    {.name = "request", .type = CLIO_T_UTF8, .privacy = CLIO_P_DERIVED, .flags = CLIO_COL_NULLABLE},
    {.name = "account", .type = CLIO_T_I64, .privacy = CLIO_P_DERIVED, .flags = FLAGS},
    {.name = BREAKS == CLASS || BREAKS == INHERITED ? "content" : "simhash",
     .type = BREAKS == CLASS || BREAKS == INHERITED ? CLIO_T_LIST : CLIO_T_I64},
    {.name = "outputs", .type = BREAKS == OUTPUTS ? CLIO_T_UTF8 : CLIO_T_I64},
};
enum { ADDED = BREAKS == UNFLAGGED ? 0 : CLIO_COL_NULLABLE };
static const clio_column adds[] = {
    {.name = "breaks",
     .type = CLIO_T_I64,
     .privacy = BREAKS == GROUPED     ? CLIO_P_GROUPED
                : BREAKS == INHERITED ? CLIO_P_INHERIT
                                      : CLIO_P_DERIVED,
     .flags = BREAKS == INHERITED ? CLIO_COL_NULLABLE | CLIO_COL_FACET : ADDED},
#if BREAKS_MORE
    {.name = "more",
     .type = CLIO_T_UTF8,
     .privacy = CLIO_P_DERIVED,
     .flags = CLIO_COL_NULLABLE,
     .choices = BREAKS == ENDLESS ? (const char *const *)(const void *)&endless : NULL},
#endif
};
static const clio_port inputs[] = {
    {.name = "in",
     .columns = CLIO_LIST(reads),
     .flags = BREAKS == EMPTY || BREAKS == ORDER ? CLIO_PORT_WHOLE : 0,
     .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "out",
                                     .columns = CLIO_LIST(adds),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};
static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = BREAKS == CHANCE ? CLIO_SERIAL : CLIO_PARALLEL,
    .kind = "extractor",
    .name = "breaks",
    .summary = "breaks one rule",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(breaks_config),
    .plan = breaks_plan,
    .create = breaks_create,
    .process = breaks_process,
    .finish = breaks_finish,
    .destroy = clio_self_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};
CLIO_PLUGIN_DEFINE(breaks) = {
    CLIO_PLUGIN_INIT,        .id = "test.breaks", .version = "1",
    .license = "Apache-2.0", .stages = stages,
};
