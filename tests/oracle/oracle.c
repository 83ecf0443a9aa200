/* oracle.c - one table under the oracle: everything it must withstand. */
#include <string.h>

#include "oracle.h"
#include "oracle_run.h"

void found(findings *f, const char *code, const char *format, ...) {
  guint at = 0;
  while (at < f->code->len && strcmp(f->code->pdata[at], code) != 0) at++;
  if (at == f->code->len) {
    int64_t none = 0;
    g_ptr_array_add(f->code, (gpointer)code);
    g_array_append_val(f->count, none);
  }
  f->total++, f->this_table++;
  if (++g_array_index(f->count, int64_t, at) > f->show) return;
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  printf("seed %" G_GUINT64_FORMAT ": %s: %s\n", f->seed, code, text);
}

void findings_init(findings *f, int show) {
  *f = (findings){.code = g_ptr_array_new(), .show = show};
  f->count = g_array_new(FALSE, FALSE, sizeof(int64_t));
}

void findings_clear(findings *f) {
  g_ptr_array_free(f->code, TRUE);
  g_array_free(f->count, TRUE);
}

/* A refusal must be due, and must say nothing of the data. */
static void check_refusal(view *v, const error *e, findings *f) {
  bool due = false;
  for (int i = 0; i < (int)v->in->trees; i++) due |= model_tree_make(v, i, FAULT_NONE).refused;
  if (!due) found(f, "T1.refusal", "refused without need: %s", e->text);
  if (strpbrk(e->text, "0123456789")) found(f, "T1.refusal", "a number in: %s", e->text);
}

static void compare(const subject *s, const sample *one, const gate_release *r, sample *other,
                    const char *code, findings *f) {
  gate_release *again = NULL;
  error e = {0};
  if (s->apply(s, other, &again, &e) != CLIO_OK)
    found(f, code, "refused: %s", e.text);
  else {
    g_autofree char *a = printed_bytes(one, r), *b = printed_bytes(other, again);
    size_t at = 0;
    while (a[at] && a[at] == b[at]) at++;
    while (at > 0 && a[at - 1] != '\n') at--;
    if (strcmp(a, b) != 0)
      found(f, code, "printed otherwise:\n- %.*s\n+ %.*s", (int)strcspn(a + at, "\n"), a + at,
            (int)strcspn(b + at, "\n"), b + at);
  }
  s->free(again);
  sample_free(other);
}

/* Two nodes of a level with the same printed name: ties between them may go by
 * the order of input, which is all that tells them apart. */
static bool has_twins(const gate_release *r) {
  for (size_t i = 0; i < r->nodes; i++)
    for (size_t j = 0; j < i; j++) {
      const gate_printed *a = &r->node[i], *b = &r->node[j];
      if (a->tree != b->tree || a->level != b->level || a->is_root != b->is_root) continue;
      bool rests = a->is_rest && b->is_rest && a->conversations != b->conversations;
      if (!rests && g_strcmp0(a->name, b->name) == 0) return true;
    }
  return false;
}

static void check_same(const subject *s, view *v, const gate_release *r, findings *f) {
  const sample *t = v->t;
  compare(s, t, r, sample_permuted(t, false), "T5.rows", f);
  if (t->unique_names && !has_twins(r)) compare(s, t, r, sample_permuted(t, true), "T5.nodes", f);
  compare(s, t, r, sample_wiped(v, r), "T6", f);
}

void examine(const subject *s, uint64_t seed, const run_options *o, run_stats *stats, findings *f) {
  sample *t = sample_random(seed, o->lex, o->low);
  view *v = view_new(t, (view_faults){0});
  gate_release *r = NULL;
  error e = {0};
  f->seed = seed, f->this_table = 0;
  clio_status status = s->apply(s, t, &r, &e);
  reading *rd = NULL;
  stats->tables++;
  if (status == CLIO_E_PRIVACY) {
    stats->refused++;
    check_refusal(v, &e, f);
  } else if (status != CLIO_OK) {
    found(f, "T1.failed", "the gate failed: %s", e.text);
  } else if ((rd = reading_new(v, r, f)) != NULL) {
    check_nodes(rd, f);
    check_cells(rd, f);
    check_print(rd, f);
    check_texts(v, r, f);
    check_attack(rd, o->max_union, &stats->attack, f);
    count_cells(rd, &stats->cells, o->same_cells ? f : NULL);
    if (seed % 4 == 0) check_same(s, v, r, f);
    stats->nodes += rd->nodes;
  }
  if (r && o->print) {
    g_autofree char *bytes = printed_bytes(t, r);
    printf("%s", bytes);
  }
  stats->failed += f->this_table > 0;
  reading_free(rd);
  s->free(r);
  view_free(v);
  sample_free(t);
}
