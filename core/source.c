/* source.c - see source.h. */
#include "source.h"

#include <string.h>

#include "cache.h"
#include "roll.h"
#include "store.h"
#include "util.h"

/* What a limit's name sets, and in which unit. */
static void set_limit(input_options *o, const char *name, int64_t value) {
  uint64_t n = (uint64_t)value;
  if (!strcmp(name, "max_record")) o->record_max = n << 20;
  if (!strcmp(name, "max_unpacked")) o->caps.file_bytes = n << 30;
  if (!strcmp(name, "max_unpacked")) o->caps.run_bytes = n << 34; /* 16 files of that size */
  if (!strcmp(name, "max_ratio")) o->caps.ratio = n;
}

/* A run does not read what runs write: a pattern of names may meet its folder. */
static clio_status check_apart(const run *r, error *e) {
  g_autofree char *out = g_canonicalize_filename(r->options.out, NULL);
  g_autofree char *below = g_strconcat(out, "/", NULL);
  for (size_t i = 0; r->input && i < input_files(r->input); i++) {
    const char *path = input_path(r->input, i);
    g_autofree char *whole = path ? g_canonicalize_filename(path, NULL) : NULL;
    if (whole && g_str_has_prefix(whole, below))
      return error_set(e, CLIO_E_CONFIG,
                       "the input %s lies in the run's own folder %s; name the input more "
                       "narrowly, or choose another -o",
                       path, r->options.out);
  }
  return CLIO_OK;
}

clio_status source_open(run *r, error *e) {
  const flow_stage *fs = flow_at(r->f, r->f->source);
  bool blocks = fs->ps->s.inputs.count && fs->ps->inputs[0].rows == CLIO_ROWS_BLOCK;
  const char *path = NULL;
  input_options o = input_default_options;
  if (!blocks) return CLIO_OK;
  o.memory_cap = r->options.max_memory;
  o.caps.cancelled = &r->cancelled;
  for (uint32_t i = 0; i < fs->ps->s.params.count; i++) {
    const clio_param *p = &fs->ps->params[i];
    int64_t value = 0;
    if (p->flags & CLIO_PARAM_LIMIT && config_int(fs->cfg, fs->ps, p->name, &value))
      set_limit(&o, p->name, value);
    if (!(p->flags & CLIO_PARAM_INPUT) || path) continue;
    path = config_string(fs->cfg, fs->ps, p->name);
    o.items = p->flags & CLIO_PARAM_ITEMS;
    o.members = p->choices && *p->choices ? p->choices : NULL;
  }
  if (path) {
    clio_status s = input_open(path, &o, &r->input, e);
    return s == CLIO_OK ? check_apart(r, e) : s;
  }
  return error_set(e, CLIO_E_INTERNAL, "stage '%s': %s reads blocks and has no input parameter",
                   fs->gs->id, fs->use);
}

static column *text_column(const char *name, const char *text, size_t length, memory *m) {
  column *c = column_new(name, CLIO_T_UTF8, 0, 1, length, 0, false, m);
  if (!c) return NULL;
  memcpy(c->data, text, length);
  c->offsets[1] = (int64_t)length;
  return c;
}

clio_table *source_block(run *r, const input_block *b) {
  column *bytes = text_column("bytes", b->bytes, b->length, &r->memory);
  column *file = bytes ? text_column("file", b->origin, strlen(b->origin), &r->memory) : NULL;
  if (!file) {
    column_unref(bytes);
    return NULL;
  }
  clio_table *t = table_new(CLIO_ROWS_BLOCK, 1);
  table_take_column(t, bytes);
  table_take_column(t, file);
  return t;
}

/* A result that is taken again does not say how many; the run that made it wrote
 * that down, under the source's key. */
static clio_status count_repeats(run *r, error *e) {
  g_autofree char *name = g_strconcat("repeated ids ", cache_row_key(r, r->f->source), NULL);
  if (!roll_ids(r->roll)) {
    g_autofree char *kept = store_note(r->store, name);
    r->rows_same_id = kept ? g_ascii_strtoull(kept, NULL, 10) : 0;
    return CLIO_OK;
  }
  r->rows_same_id = roll_repeated_ids(r->roll);
  g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, r->rows_same_id);
  return store_put_note(r->store, name, text, e);
}

clio_status source_say_repeats(run *r, error *e) {
  clio_status s = count_repeats(r, e);
  if (s != CLIO_OK || !r->rows_same_id) return s;
  g_autofree char *count = format_count((int64_t)r->rows_same_id);
  run_log(
      r, CLIO_LOG_WARN,
      "%s conversations have an id that came before (or no id, and the same messages); of those "
      "of one account the gate counts one, those of other accounts are others",
      count);
  return CLIO_OK;
}

void source_say_too_long(run *r, const input_block *b) {
  if (!b->too_long || b->again) return;
  const char *what = b->items ? "item" : "line";
  g_autofree char *others =
      b->too_long > 1 ? g_strdup_printf(" and %" G_GUINT64_FORMAT " behind it", b->too_long - 1)
                      : g_strdup("");
  run_log(r, CLIO_LOG_WARN,
          "%s: %s %" G_GUINT64_FORMAT "%s: longer than the source's max_record and left out; "
          "raise max_record (MiB) of the stage '%s' if it is to be read",
          b->file, what, b->long_line, others, flow_at(r->f, r->f->source)->gs->id);
}
