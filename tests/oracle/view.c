/* view.c - a gate input by brute force: what the cap keeps, who is where, and
 * whether a set of rows is safe. Nothing here is clever. */
#include <string.h>

#include "oracle.h"

rowset view_set(const view *v) {
  rowset set = g_new0(uint64_t, v->words + 1);
  g_ptr_array_add(v->owned, set);
  return set;
}

static bool set_has(const uint64_t *a, size_t row) { return a[row / 64] >> (row % 64) & 1; }
static void set_add(rowset a, size_t row) { a[row / 64] |= UINT64_C(1) << (row % 64); }

void set_and(const view *v, rowset to, const uint64_t *a, const uint64_t *b) {
  for (size_t i = 0; i < v->words; i++) to[i] = a[i] & b[i];
}

void set_or(const view *v, rowset to, const uint64_t *a) {
  for (size_t i = 0; i < v->words; i++) to[i] |= a[i];
}

void set_minus(const view *v, rowset to, const uint64_t *a, const uint64_t *b) {
  for (size_t i = 0; i < v->words; i++) to[i] = a[i] & ~b[i];
}

int64_t set_count(const view *v, const uint64_t *a) {
  int64_t n = 0;
  for (size_t i = 0; i < v->words; i++) n += __builtin_popcountll(a[i]);
  return n;
}

/* Distinct numbers among the rows of `a`, those with skip[row] == but left out. */
static int64_t distinct(const view *cv, const uint64_t *a, const int *of, const int *skip,
                        int but) {
  view *v = (view *)cv;
  int64_t n = 0;
  v->seen_now++;
  for (size_t w = 0; w < v->words; w++)
    for (uint64_t bits = a[w]; bits; bits &= bits - 1) {
      size_t row = w * 64 + (size_t)__builtin_ctzll(bits);
      if (skip && skip[row] == but) continue;
      n += v->seen[of[row]] != v->seen_now;
      v->seen[of[row]] = v->seen_now;
    }
  return n;
}

int64_t set_accounts(const view *v, const uint64_t *a) {
  return distinct(v, a, v->account, NULL, 0);
}

int64_t set_orgs(const view *v, const uint64_t *a) { return distinct(v, a, v->org, NULL, 0); }

bool set_safe(const view *v, const uint64_t *a, const gate_threshold *t) {
  if (set_count(v, a) < t->conversations || set_accounts(v, a) < t->accounts) return false;
  if (t->organizations <= 1) return true;
  if (set_orgs(v, a) < t->organizations) return false;
  for (int org = 0; org < v->orgs; org++)
    if (distinct(v, a, v->account, v->org, org) < v->in->policy.cell.accounts) return false;
  return true;
}

bool set_safe_or_zero(const view *v, const uint64_t *a, const gate_threshold *t) {
  return set_count(v, a) == 0 || set_safe(v, a, t);
}

static int *number_of(view *v, const uint64_t *name, int *ret_count) {
  g_autoptr(GHashTable) known = g_hash_table_new(g_int64_hash, g_int64_equal);
  int *number = g_new0(int, v->rows + 1);
  g_ptr_array_add(v->owned, number);
  for (size_t r = 0; r < v->rows; r++) {
    gpointer got = g_hash_table_lookup(known, &name[r]);
    if (!got) g_hash_table_insert(known, (gpointer)&name[r], GINT_TO_POINTER(++*ret_count));
    number[r] = got ? GPOINTER_TO_INT(got) - 1 : *ret_count - 1;
  }
  return number;
}

/* Is an earlier row of this account the same conversation? `next` chains the rows backwards. */
static bool is_repeat(const view *v, const int *next, size_t row) {
  for (int s = next[row] - 1; s >= 0; s = next[s] - 1)
    if (v->in->roll.cap_key[s] == v->in->roll.cap_key[row]) return true;
  return false;
}

/* Step 2. Rows in no leaf are capped like those of one more leaf. */
static void keep(view *v, int64_t cap) {
  const uint64_t *key = v->in->roll.cap_key;
  const int32_t *leaf = v->in->tree[0].leaf;
  g_autofree int *last = g_new0(int, v->accounts + 1), *next = g_new0(int, v->rows + 1);
  for (size_t r = 0; r < v->rows; r++) { /* chain the rows of each account, from 1 */
    next[r] = last[v->account[r]];
    last[v->account[r]] = (int)r + 1;
  }
  g_autofree bool *repeat = g_new0(bool, v->rows + 1);
  for (size_t r = 0; r < v->rows; r++) v->repeated += repeat[r] = is_repeat(v, next, r);
  for (size_t r = 0; r < v->rows; r++) {
    int64_t before = 0;
    if (repeat[r]) continue;
    for (int s = last[v->account[r]] - 1; s >= 0; s = next[s] - 1)
      before += leaf[s] == leaf[r] && key[s] < key[r] && !repeat[s];
    if (before < cap)
      set_add(v->kept, r);
    else
      v->over_cap++;
  }
}

static rowset *new_sets(view *v, size_t count) {
  rowset *set = g_new0(rowset, count);
  g_ptr_array_add(v->owned, set);
  for (size_t i = 0; i < count; i++) set[i] = view_set(v);
  return set;
}

/* The nodes' rows: a row counts in its leaf and in all above it. */
static void place_rows(view *v, size_t tree) {
  const gate_tree *tr = &v->in->tree[tree];
  v->node[tree] = new_sets(v, tr->nodes + 1);
  v->member[tree] = new_sets(v, tr->nodes + 1);
  for (size_t r = 0; r < v->rows; r++) {
    set_add(v->member[tree][0], r);
    for (int at = tr->leaf[r]; at >= 0; at = tr->node[at].parent)
      set_add(v->member[tree][1 + at], r);
  }
  for (size_t i = 0; i <= tr->nodes; i++) set_and(v, v->node[tree][i], v->member[tree][i], v->kept);
}

static question question_new(view *v, int facet, int list_value, int values) {
  question q = {.facet = facet, .list_value = list_value, .values = values};
  q.sensitive = v->in->facet[facet].sensitive;
  q.value = g_new0(rowset, values);
  q.printable = g_new0(bool, values);
  g_ptr_array_add(v->owned, q.value);
  g_ptr_array_add(v->owned, q.printable);
  for (int i = 0; i < values; i++) q.value[i] = view_set(v);
  return q;
}

static void ask_single(view *v, int facet) {
  const gate_facet *f = &v->in->facet[facet];
  int unknown = (int)f->values;
  question q = question_new(v, facet, -1, unknown + 1);
  for (size_t r = 0; r < v->rows; r++)
    if (set_has(v->kept, r)) set_add(q.value[f->code[r] < 0 ? unknown : f->code[r]], r);
  v->question[v->questions++] = q;
}

static void ask_list(view *v, int facet) {
  const gate_facet *f = &v->in->facet[facet];
  for (int value = 0; value < (int)f->values; value++) {
    question q = question_new(v, facet, value, 2);
    for (size_t r = 0; r < v->rows; r++)
      for (int64_t i = f->offset[r]; i < f->offset[r + 1]; i++)
        if (f->code[i] == value && set_has(v->kept, r)) set_add(q.value[0], r);
    set_minus(v, q.value[1], v->kept, q.value[0]);
    v->question[v->questions++] = q;
  }
}

/* May this value's text be printed? Closed values may; free text is put to the
 * floor and to the text rule over the whole run. */
static bool value_stands(view *v, const gate_facet *f, int value) {
  if (f->closed) return true;
  if (!rating_stands(v, f->value_rating[value])) return false;
  return !text_broken(v, 0, -1, f->value[value], 60);
}

static void ask(view *v) {
  int most = 0;
  for (size_t i = 0; i < v->in->facets; i++) most += (int)v->in->facet[i].values;
  v->question = g_new0(question, most + (int)v->in->facets + 1);
  g_ptr_array_add(v->owned, v->question);
  for (int i = 0; i < (int)v->in->facets; i++) {
    if (v->in->facet[i].offset)
      ask_list(v, i);
    else
      ask_single(v, i);
  }
  for (int i = 0; i < v->questions; i++) {
    question *q = &v->question[i];
    const gate_facet *f = &v->in->facet[q->facet];
    if (q->list_value >= 0) {
      q->printable[0] = value_stands(v, f, q->list_value);
      q->printable[1] = q->printable[0]; /* a row of the table, though never printed */
      continue;
    }
    for (int value = 0; value + 1 < q->values; value++)
      q->printable[value] = value_stands(v, f, value);
  }
}

view *view_new(const sample *t, view_faults faults) {
  view *v = g_new0(view, 1);
  v->t = t, v->in = &t->in, v->faults = faults;
  v->owned = g_ptr_array_new_with_free_func(g_free);
  v->rows = t->in.roll.rows;
  v->words = (v->rows + 63) / 64;
  v->account = number_of(v, t->in.roll.account, &v->accounts);
  v->org = number_of(v, t->in.roll.org, &v->orgs);
  v->seen = g_new0(int, MAX(v->accounts, v->orgs) + 1);
  g_ptr_array_add(v->owned, v->seen);
  v->kept = view_set(v);
  keep(v, faults.no_cap ? INT64_MAX : t->in.policy.account_cap);
  v->node = g_new0(rowset *, t->in.trees);
  v->member = g_new0(rowset *, t->in.trees);
  g_ptr_array_add(v->owned, v->node);
  g_ptr_array_add(v->owned, v->member);
  for (size_t i = 0; i < t->in.trees; i++) place_rows(v, i);
  ask(v);
  return v;
}
