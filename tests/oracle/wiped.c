/* wiped.c - T6: the same table without its ungated data. Its release must have
 * the same bytes, so nothing of what is wiped can be read from them.
 *
 * Wiped, as far as a gate's input can be without changing a set that is printed:
 * - rows over the cap are gone, with their values, texts and positions;
 * - nodes that are not printed have no texts and no shape: the rows of a rest
 *   lie in no leaf (under the root) or in one nameless leaf (under a parent of
 *   leaves; elsewhere they stay, for an inner node cannot be made bad);
 * - refused names and descriptions of printed nodes are empty and unrated;
 * - values that no root shows are `unknown`, and their text is gone;
 * - words of members that no printed text holds are one and the same word.
 * A hidden cell below a printed one cannot be wiped: its rows count above. */
#include <string.h>

#include "oracle.h"
#include "text.h"

typedef struct wiper {
  sample *t;
  const view *v;
  const gate_release *r;
  size_t *kept; /* rows that stay */
  size_t rows;
} wiper;

static void *gathered(const wiper *w, const void *old, size_t size) {
  if (!old) return NULL;
  char *fresh = sample_alloc(w->t, w->rows, size);
  for (size_t i = 0; i < w->rows; i++)
    memcpy(fresh + i * size, (const char *)old + w->kept[i] * size, size);
  return fresh;
}

static const gate_printed *printed_as(const wiper *w, int tree, int node) {
  for (size_t i = 0; i < w->r->nodes; i++) {
    const gate_printed *p = &w->r->node[i];
    if (p->tree == tree && p->node == node && !p->is_rest) return p;
  }
  return NULL;
}

/* Hidden inner nodes keep their place, and so their names, which decide ties. */
static bool stays(const wiper *w, int tree, int at) {
  const gate_node *n = &w->v->in->tree[tree].node[at];
  return n->level > 0 && n->parent >= 0;
}

static void wipe_node(const wiper *w, int tree, int at, gate_node *node) {
  const gate_printed *p = printed_as(w, tree, at);
  if (!p && stays(w, tree, at)) return;
  if (!p || (p->name && strcmp(p->name, "(withheld)") == 0)) {
    node->name = NULL, node->name_rating = 0, node->name_auditor = NULL;
  }
  if (!p || !p->description || !*p->description) {
    node->description = NULL, node->description_rating = 0, node->description_auditor = NULL;
  }
}

/* The leaf that stands for all that is hidden under a printed parent of leaves,
 * or `leaf` itself. */
static int hidden_leaf(const wiper *w, int tree, int above, int leaf) {
  const gate_tree *tr = &w->v->in->tree[tree];
  if (tr->node[above].level > 1) return leaf;
  for (int i = 0; i < (int)tr->nodes; i++)
    if (tr->node[i].parent == above && !printed_as(w, tree, i)) return i;
  return leaf;
}

static void wipe_tree(const wiper *w, int index, gate_tree *tree) {
  const gate_tree *old = tree;
  gate_node *node = sample_alloc(w->t, old->nodes, sizeof *node);
  memcpy(node, old->node, old->nodes * sizeof *node);
  int32_t *leaf = gathered(w, old->leaf, sizeof *leaf);
  for (size_t r = 0; r < w->rows; r++) {
    int at = leaf[r];
    while (at >= 0 && !printed_as(w, index, at)) at = old->node[at].parent;
    if (at < 0)
      leaf[r] = -1;
    else if (at != leaf[r])
      leaf[r] = hidden_leaf(w, index, at, leaf[r]);
  }
  for (size_t i = 0; i < old->nodes; i++) wipe_node(w, index, (int)i, &node[i]);
  tree->text = gathered(w, old->text, sizeof *old->text);
  tree->text_len = gathered(w, old->text_len, sizeof *old->text_len);
  tree->x = gathered(w, old->x, sizeof *old->x);
  tree->y = gathered(w, old->y, sizeof *old->y);
  tree->node = node, tree->leaf = leaf;
}

static bool root_shows(const wiper *w, int facet, int value) {
  for (size_t i = 0; i < w->r->nodes; i++) {
    const gate_printed *p = &w->r->node[i];
    for (size_t c = 0; p->is_root && c < p->cells; c++)
      if (p->cell[c].facet == facet && p->cell[c].value == value) return true;
  }
  return false;
}

static void wipe_facet(const wiper *w, int index, gate_facet *f) {
  g_autofree bool *shown = g_new0(bool, f->values);
  const char **value = sample_alloc(w->t, f->values, sizeof *value);
  int32_t *rating = sample_alloc(w->t, f->values, sizeof *rating);
  for (size_t i = 0; i < f->values; i++) {
    shown[i] = root_shows(w, index, (int)i);
    value[i] = shown[i] ? f->value[i] : sample_text(w->t, "wiped %zu", i);
    rating[i] = shown[i] && f->value_rating ? f->value_rating[i] : 0;
  }
  size_t most = f->offset ? (size_t)f->offset[w->v->rows] : w->rows;
  int32_t *code = sample_alloc(w->t, most, sizeof *code);
  int64_t *offset = sample_alloc(w->t, w->rows + 1, sizeof *offset), at = 0;
  for (size_t r = 0; r < w->rows; r++) {
    size_t from = w->kept[r];
    for (int64_t i = f->offset ? f->offset[from] : 0; f->offset && i < f->offset[from + 1]; i++)
      if (shown[f->code[i]]) code[at++] = f->code[i];
    if (!f->offset) code[r] = f->code[from] >= 0 && shown[f->code[from]] ? f->code[from] : -1;
    offset[r + 1] = at;
  }
  f->value = value, f->code = code;
  if (f->value_rating) f->value_rating = rating;
  if (f->offset) f->offset = offset;
}

/* ---- members' texts ---- */

typedef struct rewrite {
  GHashTable *known; /* folded words of printed texts */
  GString *to;       /* NULL: learn */
} rewrite;

static clio_status see_word(void *ctx, const char *word, int64_t len) {
  rewrite *rw = ctx;
  char *folded = text_fold(word, len);
  if (!rw->to) {
    g_hash_table_add(rw->known, folded);
    return CLIO_OK;
  }
  if (rw->to->len) g_string_append_c(rw->to, ' ');
  if (g_hash_table_contains(rw->known, folded))
    g_string_append_len(rw->to, word, (gssize)len);
  else
    g_string_append(rw->to, "qq");
  g_free(folded);
  return CLIO_OK;
}

static void learn(GHashTable *known, const char *text) {
  rewrite rw = {known, NULL};
  if (text) (void)text_words(text, (int64_t)strlen(text), see_word, &rw);
}

static void learn_printed(const wiper *w, GHashTable *known) {
  for (size_t i = 0; i < w->r->nodes; i++) {
    learn(known, w->r->node[i].name);
    learn(known, w->r->node[i].description);
  }
  for (size_t i = 0; i < w->v->in->facets; i++)
    for (size_t v = 0; v < w->t->in.facet[i].values; v++) learn(known, w->t->in.facet[i].value[v]);
}

static void wipe_texts(const wiper *w) {
  g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  learn_printed(w, known);
  for (size_t i = 0; i < w->t->in.trees; i++) {
    gate_tree *tree = &((gate_tree *)w->t->in.tree)[i];
    const char **text = (const char **)tree->text;
    int64_t *len = (int64_t *)tree->text_len;
    for (size_t r = 0; text && r < w->rows; r++) {
      if (!text[r]) continue;
      rewrite rw = {known, g_string_new(NULL)};
      (void)text_words(text[r], len[r], see_word, &rw);
      len[r] = (int64_t)rw.to->len;
      text[r] = sample_text(w->t, "%s", rw.to->str);
      g_string_free(rw.to, TRUE);
    }
  }
}

sample *sample_wiped(view *v, const gate_release *r) {
  sample *t = sample_empty(v->t->seed, v->t->lex);
  wiper w = {.t = t, .v = v, .r = r, .kept = sample_alloc(t, v->rows, sizeof(size_t))};
  for (size_t i = 0; i < v->rows; i++)
    if (v->kept[i / 64] >> (i % 64) & 1) w.kept[w.rows++] = i;
  t->in = v->t->in;
  t->has_texts = v->t->has_texts, t->unique_names = v->t->unique_names;
  t->in.policy.account_cap = INT32_MAX;
  t->in.roll.rows = w.rows;
  t->in.roll.account = gathered(&w, t->in.roll.account, sizeof(uint64_t));
  t->in.roll.org = gathered(&w, t->in.roll.org, sizeof(uint64_t));
  t->in.roll.cap_key = gathered(&w, t->in.roll.cap_key, sizeof(uint64_t));
  gate_tree *tree = sample_alloc(t, t->in.trees, sizeof *tree);
  gate_facet *facet = sample_alloc(t, t->in.facets, sizeof *facet);
  for (size_t i = 0; i < t->in.trees; i++) {
    tree[i] = v->in->tree[i];
    wipe_tree(&w, (int)i, &tree[i]);
  }
  for (size_t i = 0; i < t->in.facets; i++) {
    facet[i] = v->in->facet[i];
    wipe_facet(&w, (int)i, &facet[i]);
  }
  t->in.tree = tree, t->in.facet = facet;
  if (t->has_texts) wipe_texts(&w);
  return t;
}
