/* plugin_check.c - soundness of descriptors; see plugin_check.h. A descriptor is
 * foreign data: nothing in it is used before it has passed here. */
#include "clio-build.h"

#include "plugin_check.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "asset.h"
#include "param.h"

enum {
  LIST_MAX = 1024,
  ITEM_MAX = 4096,
  CONFIG_MAX = 1 << 20,
  NAME_MAX_BYTES = 64,
  FEATURES_MAX = 64,
  CHOICES_MAX = 1024,
  CHOICE_MAX_BYTES = 256,
  PAGE_BYTES = 4096
};

/* The size of a struct as its first version had it, up to its last field. */
#define FIRST_SIZE(S, last) (offsetof(S, last) + sizeof(((S *)0)->last))

const char *const plugin_kinds[] = {"source",    "sampler",   "screener",   "summarizer",
                                    "extractor", "embedder",  "clusterer",  "hierarchizer",
                                    "namer",     "projector", "aggregator", "auditor",
                                    "detector",  "validator", "report",     NULL};

/* ---- lists, in the plugin's layout ---- */

static clio_status check_list(const char *what, const void *items, uint32_t count,
                              uint32_t item_size, size_t least, error *e) {
  if (count == 0) return CLIO_OK;
  if (!items) return error_set(e, CLIO_E_UNSUPPORTED, "%s: %u items and no list", what, count);
  if (count > LIST_MAX)
    return error_set(e, CLIO_E_UNSUPPORTED, "%s: %u items; at most %d", what, count, LIST_MAX);
  if (item_size >= least && item_size <= ITEM_MAX && item_size % sizeof(void *) == 0)
    return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "%s: item_size %u, this clio knows %zu and more; use CLIO_LIST", what, item_size,
                   least);
}

/* The lists within a list of parameters, which is in the plugin's layout yet. */
static clio_status check_fields(const clio_params *params, error *e) {
  if (params->item_size < FIRST_SIZE(clio_param, record_size)) return CLIO_OK;
  for (uint32_t i = 0; i < params->count; i++) {
    const char *at = (const char *)params->items + (size_t)i * params->item_size;
    const clio_params *fields = &((const clio_param *)(const void *)at)->fields;
    clio_status status = check_list("fields of records", fields->items, fields->count,
                                    fields->item_size, FIRST_SIZE(clio_param, flags), e);
    if (status != CLIO_OK) return status;
  }
  return CLIO_OK;
}

clio_status plugin_check_lists(const clio_stage *s, error *e) {
  size_t port = FIRST_SIZE(clio_port, rows), param = FIRST_SIZE(clio_param, flags);
  const clio_ports *in = &s->inputs, *out = &s->outputs;
  const clio_params *params = &s->params;
  clio_status status = check_list("inputs", in->items, in->count, in->item_size, port, e);
  if (status == CLIO_OK)
    status = check_list("outputs", out->items, out->count, out->item_size, port, e);
  if (status == CLIO_OK)
    status = check_list("params", params->items, params->count, params->item_size, param, e);
  if (status == CLIO_OK) status = check_fields(params, e);
  if (status == CLIO_OK)
    status = check_list("assets", s->assets.items, s->assets.count, s->assets.item_size,
                        FIRST_SIZE(clio_asset_file, cure), e);
  return status;
}

clio_status plugin_check_columns(const char *port, const clio_columns *columns, error *e) {
  clio_status status = check_list("columns", columns->items, columns->count, columns->item_size,
                                  FIRST_SIZE(clio_column, choices), e);
  if (status != CLIO_OK) error_prefix(e, "port '%.64s'", port ? port : "(unnamed)");
  return status;
}

/* ---- names ---- */

/* A letter, then letters, digits and underscores, all small; at most 64. */
static bool is_name(const char *s) {
  static const char *const letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (!s || s[0] < 'a' || s[0] > 'z') return false;
  size_t length = strnlen(s, NAME_MAX_BYTES + 1);
  return length <= NAME_MAX_BYTES && strspn(s, letters) == length;
}

static clio_status check_name(const char *what, const char *name, error *e) {
  if (!name) return error_set(e, CLIO_E_UNSUPPORTED, "%s without a name", what);
  if (is_name(name)) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "%s '%.64s' is misnamed: a small letter, then letters, digits, '_', at most 64",
                   what, name);
}

static bool in_list(const char *const *list, const char *word) {
  for (; *list; list++)
    if (strcmp(*list, word) == 0) return true;
  return false;
}

/* ---- choices ---- */

/* Up to `size` bytes at an address that need not be there; how many. */
static size_t read_memory(const void *at, void *to, size_t size) {
  struct iovec from = {(void *)(uintptr_t)at, size}, into = {to, size};
  ssize_t got = process_vm_readv(getpid(), &into, 1, &from, 1, 0);
  if (got < 0 && errno != EFAULT) { /* not allowed here: trust it */
    memcpy(to, at, size);
    got = (ssize_t)size;
  }
  return got > 0 ? (size_t)got : 0;
}

static bool is_short_string(const char *s) {
  char bytes[CHOICE_MAX_BYTES];
  size_t got = read_memory(s, bytes, sizeof bytes);
  if (got < sizeof bytes) { /* the string may end right before a page that is not there */
    uintptr_t left = PAGE_BYTES - (uintptr_t)s % PAGE_BYTES;
    got = read_memory(s, bytes, MIN(left, sizeof bytes));
  }
  return memchr(bytes, '\0', got) && g_utf8_validate(bytes, -1, NULL);
}

bool plugin_choices_end(const char *const *choices) {
  for (int i = 0; choices && i < CHOICES_MAX; i++) {
    const char *choice = NULL;
    if (read_memory(&choices[i], &choice, sizeof choice) != sizeof choice) return false;
    if (!choice) return true;
    if (!is_short_string(choice)) return false;
  }
  return !choices;
}

static clio_status check_choices(const char *what, const char *name, const char *const *choices,
                                 error *e) {
  if (plugin_choices_end(choices)) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "%s '%s': its list of choices does not end: put NULL behind the last one (at "
                   "most %d, of at most %d bytes each)",
                   what, name, CHOICES_MAX - 1, CHOICE_MAX_BYTES - 1);
}

/* ---- ports ---- */

static clio_status check_column(const clio_port *port, const clio_column *c, bool output,
                                error *e) {
  clio_status status = check_name("column", c->name, e);
  if (status != CLIO_OK) return status;
  const char *wrong = NULL;
  if (c->type > CLIO_T_TIME) wrong = "is of a type this clio does not know";
  if (c->privacy > CLIO_P_RELEASED) wrong = "is of a privacy class this clio does not know";
  if (output && c->type == CLIO_T_ANY) wrong = "is of type any, which an output may not be";
  if (output && c->privacy == CLIO_P_RELEASED)
    wrong = "claims the class released, which the core alone gives";
  if (c->dim && c->type != CLIO_T_VEC) wrong = "has a dim and is no vector";
  if (c->choices && c->type != CLIO_T_UTF8) wrong = "has choices and is not text";
  if (wrong) return error_set(e, CLIO_E_UNSUPPORTED, "column '%s' %s", c->name, wrong);
  status = check_choices("column", c->name, c->choices, e);
  if (status != CLIO_OK) return status;
  for (const clio_column *other = port->columns.items; other < c; other++)
    if (strcmp(other->name, c->name) == 0)
      return error_set(e, CLIO_E_UNSUPPORTED, "column '%s' is declared twice", c->name);
  return CLIO_OK;
}

static clio_status check_port(const clio_ports *ports, uint32_t number, bool output, error *e) {
  const char *side = output ? "output" : "input";
  const clio_port *port = &ports->items[number];
  clio_status status = check_name(side, port->name, e);
  if (status != CLIO_OK) return status;
  if (port->rows == CLIO_ROWS_NONE || port->rows > CLIO_ROWS_RUN)
    return error_set(e, CLIO_E_UNSUPPORTED, "%s '%s' does not say what its rows are (rows = %u)",
                     side, port->name, port->rows);
  for (uint32_t i = 0; i < number; i++) {
    const clio_port *other = &ports->items[i];
    if (strcmp(other->name, port->name) == 0)
      return error_set(e, CLIO_E_UNSUPPORTED, "%s '%s' is declared twice", side, port->name);
    if (output && other->rows == port->rows)
      return error_set(e, CLIO_E_UNSUPPORTED,
                       "outputs '%s' and '%s' are of the same kind of rows; an edge carries one "
                       "table per kind",
                       other->name, port->name);
  }
  for (uint32_t i = 0; i < port->columns.count && status == CLIO_OK; i++)
    status = check_column(port, &port->columns.items[i], output, e);
  if (status != CLIO_OK) error_prefix(e, "%s '%s'", side, port->name);
  return status;
}

static clio_status check_ports(const clio_stage *s, error *e) {
  clio_status status = CLIO_OK;
  for (uint32_t i = 0; i < s->inputs.count && status == CLIO_OK; i++)
    status = check_port(&s->inputs, i, false, e);
  for (uint32_t i = 0; i < s->outputs.count && status == CLIO_OK; i++)
    status = check_port(&s->outputs, i, true, e);
  return status;
}

/* ---- parameters ---- */

static bool overlap(const clio_param *a, const clio_param *b) {
  return a->offset < b->offset + param_field_size(b->type) &&
         b->offset < a->offset + param_field_size(a->type);
}

/* Against those before it in its table. */
static clio_status check_others(const clio_params *table, const clio_param *p, error *e) {
  for (const clio_param *other = table->items; other < p; other++) {
    if (strcmp(other->name, p->name) == 0)
      return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s' is declared twice", p->name);
    if (overlap(other, p))
      return error_set(e, CLIO_E_UNSUPPORTED, "parameters '%s' and '%s' fill the same bytes",
                       other->name, p->name);
  }
  return CLIO_OK;
}

/* One parameter of a record of `of`. */
static clio_status check_field(const clio_param *of, const clio_param *p, error *e) {
  const uint32_t above = CLIO_PARAM_INPUT | CLIO_PARAM_COLUMN | CLIO_PARAM_MODEL |
                         CLIO_PARAM_EMBED | CLIO_PARAM_ITEMS | CLIO_PARAM_LIMIT;
  clio_status status = check_name("parameter", p->name, e);
  if (status == CLIO_OK) status = check_choices("parameter", p->name, p->choices, e);
  if (status == CLIO_OK) status = param_check(p, of->record_size, e);
  if (status == CLIO_OK) status = check_others(&of->fields, p, e);
  if (status != CLIO_OK) return status;
  uint64_t size = param_field_size(p->type), align = MIN(size, sizeof(int64_t));
  const char *wrong = NULL;
  if (p->type == CLIO_PT_RECORDS) wrong = "is a list of records again, which a record may not hold";
  if (p->flags & above) wrong = "has a flag that only a stage's own parameters may have";
  if (of->record_size % align) wrong = "would not be aligned in the second record";
  if (!wrong) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s' %s", p->name, wrong);
}

static clio_status check_records(const clio_param *p, error *e) {
  if (p->fields.count == 0 || p->record_size == 0 || p->record_size > CONFIG_MAX)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "parameter '%s': records with %u parameters in %llu bytes; declare it with "
                     "CLIO_RECORDS",
                     p->name, p->fields.count, (unsigned long long)p->record_size);
  for (uint32_t i = 0; i < p->fields.count; i++) {
    clio_status status = check_field(p, &p->fields.items[i], e);
    if (status == CLIO_OK) continue;
    error_prefix(e, "parameter '%s'", p->name);
    return status;
  }
  return CLIO_OK;
}

static clio_status check_param(const clio_stage *s, const clio_param *p, error *e) {
  static const char *const reserved[] = {"use", "from", "max_bad_rows", "sha256", NULL};
  clio_status status = check_name("parameter", p->name, e);
  if (status == CLIO_OK) status = check_choices("parameter", p->name, p->choices, e);
  if (status == CLIO_OK) status = param_check(p, s->config_size, e);
  if (status != CLIO_OK) return status;
  if (in_list(reserved, p->name))
    return error_set(e, CLIO_E_UNSUPPORTED, "parameter '%s' has a name the graph keeps for itself",
                     p->name);
  status = check_others(&s->params, p, e);
  if (status == CLIO_OK && p->type == CLIO_PT_RECORDS) status = check_records(p, e);
  return status;
}

/* ---- data files ---- */

static clio_status check_asset(const clio_asset_file *file, error *e) {
  if (!asset_is_name(file->name))
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "asset '%.64s' is misnamed: parts of [a-z0-9._-] with '/' between, below the "
                     "data folder",
                     file->name ? file->name : "(unnamed)");
  const char *missing = NULL;
  if (!file->help || !file->help[0]) missing = "help";
  if (!file->origin || !file->origin[0]) missing = "origin";
  if (!file->license || !file->license[0]) missing = "license";
  if (!file->cure || !file->cure[0]) missing = "cure";
  if (!missing) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED, "asset '%s' has no %s; give it one", file->name, missing);
}

/* ---- the stage ---- */

/* What a stage and a model have alike. */
static clio_status check_common(const clio_stage *s, error *e) {
  const uint64_t known = CLIO_CAP_LLM | CLIO_CAP_NETWORK | CLIO_CAP_NONDETERMINISTIC |
                         CLIO_CAP_DECLASSIFY | CLIO_CAP_EXEC | CLIO_CAP_SHARDED;
  if (s->threads > CLIO_EXCLUSIVE)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "unknown thread mode %u; use CLIO_SERIAL, CLIO_PARALLEL or CLIO_EXCLUSIVE",
                     s->threads);
  if (s->caps & ~known)
    return error_set(e, CLIO_E_UNSUPPORTED, "capabilities this clio does not know (0x%llx)",
                     (unsigned long long)(s->caps & ~known));
  if (s->config_size > CONFIG_MAX)
    return error_set(e, CLIO_E_UNSUPPORTED, "a config struct of %llu bytes; at most %d",
                     (unsigned long long)s->config_size, CONFIG_MAX);
  if (!s->summary || !s->summary[0])
    return error_set(e, CLIO_E_UNSUPPORTED, "it has no summary; say in one line what it does");
  return CLIO_OK;
}

static clio_status check_functions(const clio_stage *s, error *e) {
  if (s->inputs.count && !s->process)
    return error_set(e, CLIO_E_UNSUPPORTED, "it has inputs and no process()");
  if (!s->process && !s->finish)
    return error_set(e, CLIO_E_UNSUPPORTED, "it has neither process() nor finish()");
  return CLIO_OK;
}

static clio_status check_lists(const clio_stage *s, error *e) {
  clio_status status = CLIO_OK;
  for (uint32_t i = 0; i < s->params.count && status == CLIO_OK; i++)
    status = check_param(s, &s->params.items[i], e);
  for (uint32_t i = 0; i < s->assets.count && status == CLIO_OK; i++)
    status = check_asset(&s->assets.items[i], e);
  return status;
}

clio_status plugin_check_stage(const plugin_stage *ps, error *e) {
  const clio_stage *s = &ps->s;
  clio_status status = check_name("stage", s->name, e);
  if (status != CLIO_OK) return status;
  if (!s->kind || !in_list(plugin_kinds, s->kind))
    status = error_set(e, CLIO_E_UNSUPPORTED, "unknown kind '%.64s'", s->kind ? s->kind : "(none)");
  if (status == CLIO_OK) status = check_common(s, e);
  if (status == CLIO_OK) status = check_functions(s, e);
  if (status == CLIO_OK) status = check_ports(s, e);
  if (status == CLIO_OK) status = check_lists(s, e);
  if (status != CLIO_OK) error_prefix(e, "stage '%.64s'", s->name);
  return status;
}

/* ---- the model ---- */

static clio_status check_asks(const plugin_stage *ps, error *e) {
  const clio_model *m = ps->model;
  const uint32_t known = CLIO_ASK_CHAT | CLIO_ASK_EMBED;
  bool wire = m->build && m->parse, half = !m->build != !m->parse;
  if (m->asks == 0 || (m->asks & ~known))
    return error_set(
        e, CLIO_E_UNSUPPORTED,
        "asks is 0x%x; say what it can be asked: CLIO_ASK_CHAT, CLIO_ASK_EMBED or both", m->asks);
  for (const clio_param *p = ps->params; p < ps->params + ps->s.params.count; p++)
    if (p->name && !strcmp(p->name, "limits"))
      return error_set(e, CLIO_E_UNSUPPORTED, "parameter 'limits' has a name the graph keeps");
  if (half || wire == !!m->answer)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "it has to have either build() and parse(), or answer()");
  for (int i = 0; m->features && m->features[i]; i++)
    if (i == FEATURES_MAX)
      return error_set(e, CLIO_E_UNSUPPORTED, "more than %d features; end the list with NULL",
                       FEATURES_MAX);
  return CLIO_OK;
}

clio_status plugin_check_model(const plugin_stage *ps, error *e) {
  clio_status status = check_name("model", ps->s.name, e);
  if (status != CLIO_OK) return status;
  status = check_common(&ps->s, e);
  if (status == CLIO_OK) status = check_asks(ps, e);
  if (status == CLIO_OK) status = check_lists(&ps->s, e);
  if (status != CLIO_OK) error_prefix(e, "model '%.64s'", ps->s.name);
  return status;
}
