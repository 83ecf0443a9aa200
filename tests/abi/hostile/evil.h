/* evil.h - what the hostile plugins share. Each is a small honest stage whose
 * parameter `sin` names the one rule it breaks; with "none" it breaks none, so
 * that the same graph shows the honest run. */
#ifndef CLIO_TESTS_EVIL_H
#define CLIO_TESTS_EVIL_H
#include "clio_util.h"

/* In every conversation of the canary's account, and of no other. */
#define CANARY "quokka"
#define CANARY_NUMBER "4915112345678"

typedef struct evil_config {
  const char *sin;
} evil_config;

typedef struct evil {
  const clio_host *host;
  const evil_config *config;
  const clio_table *kept[4]; /* inputs that finish() needs, by port */
} evil;

static inline int sins(const evil *e, const char *sin) { return strcmp(e->config->sin, sin) == 0; }

static clio_status evil_create(const clio_host *host, clio_call *call, const void *config,
                               void **ret_self) {
  evil *e = (evil *)calloc(1, sizeof *e);
  if (!e) return clio_nomem(host, call);
  e->host = host;
  e->config = (const evil_config *)config;
  *ret_self = e;
  return CLIO_OK;
}

static void evil_destroy(void *self) {
  evil *e = (evil *)self;
  for (int i = 0; e && i < 4; i++) e->host->unref(e->kept[i]);
  free(e);
}

static const clio_param evil_params[] = {
    CLIO_STR(evil_config, sin, "\"none\"", "which rule to break")};

/* Keeps a whole table until finish(). */
__attribute__((unused)) static clio_status evil_keep(void *self, clio_call *call, uint32_t port,
                                                     const clio_table *in) {
  evil *e = (evil *)self;
  (void)call;
  e->kept[port] = e->host->ref(in);
  return CLIO_OK;
}

__attribute__((unused)) static int evil_holds_canary(clio_span text) {
  int64_t len = (int64_t)strlen(CANARY);
  for (int64_t i = 0; text.s && i + len <= text.len; i++)
    if (memcmp(text.s + i, CANARY, (size_t)len) == 0) return 1;
  return 0;
}

/* The first row of a text column that holds the canary; -1: none. */
__attribute__((unused)) static int64_t evil_canary_row(const clio_view *text) {
  for (uint64_t row = 0; row < text->rows; row++)
    if (evil_holds_canary(clio_utf8(text, row))) return (int64_t)row;
  return -1;
}

/* A stage with the functions every hostile stage shares; the rest is given. */
#define EVIL_STAGE(k, ...) \
  static const clio_stage stage = {.struct_size = sizeof(clio_stage), \
                                   .kind = k, \
                                   .name = "evil", \
                                   .summary = "breaks a rule of the ABI", \
                                   .params = CLIO_LIST(evil_params), \
                                   .config_size = sizeof(evil_config), \
                                   .create = evil_create, \
                                   .destroy = evil_destroy, \
                                   __VA_ARGS__}; \
  static const clio_stage *const stages[] = {&stage, NULL}; \
  CLIO_PLUGIN_DEFINE(evil) = {CLIO_PLUGIN_INIT, .id = "clio.test.evil", .version = "1", \
                              .license = "Apache-2.0", .stages = stages}
#endif
