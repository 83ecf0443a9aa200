/* sample_names.c - random texts of members, and names and descriptions of nodes:
 * most may stand, some break one clause of the text rule. */
#include <string.h>

#include "oracle.h"

/* A word of our own, the same for the same number, that no stemmer shortens. */
static char *own_word(sample *t, char kind, uint64_t number) {
  char tail[7] = "";
  for (int i = 0; i < 6; i++, number /= 20) tail[i] = "bcdfghjklmnpqrtvwxzk"[number % 20];
  return sample_text(t, "%ca%.3so%.3s", kind, tail, tail + 3);
}

static void add_path(sample *t, GPtrArray *words, int tree, size_t row) {
  const gate_tree *tr = &t->in.tree[tree];
  for (int node = tr->leaf[row]; node >= 0; node = tr->node[node].parent)
    g_ptr_array_add(words, own_word(t, (char)('t' + tree), (uint64_t)node * 31 + 7));
}

static char *make_text(sample *t, dice *d, size_t row, bool careless) {
  GPtrArray *words = g_ptr_array_new();
  const GPtrArray *plain = t->lex->plain;
  for (int i = 0; i < (int)t->in.trees; i++) add_path(t, words, i, row);
  g_ptr_array_add(words, own_word(t, 'g', 1));
  g_ptr_array_add(words, own_word(t, 'g', 2));
  if (dice_chance(d, .1)) g_ptr_array_add(words, own_word(t, 'r', dice_next(d) % 4));
  if (dice_chance(d, .3)) g_ptr_array_add(words, own_word(t, 'p', t->in.roll.account[row]));
  if (dice_chance(d, .5)) g_ptr_array_add(words, own_word(t, 'n', t->in.roll.org[row]));
  for (int i = dice_int(d, 0, 2); i > 0; i--)
    g_ptr_array_add(words, plain->pdata[dice_int(d, 0, (int)plain->len - 1)]);
  if (careless)
    g_ptr_array_add(words, (char *)"call 55512 or info@site.org at www.site.org p\u0430y");
  for (guint i = words->len - 1; i > 0; i--) {
    guint j = (guint)dice_int(d, 0, (int)i);
    gpointer keep = words->pdata[i];
    words->pdata[i] = words->pdata[j];
    words->pdata[j] = keep;
  }
  g_ptr_array_add(words, NULL);
  g_autofree char *joined = g_strjoinv(" ", (char **)words->pdata);
  g_ptr_array_free(words, TRUE);
  return sample_text(t, "%s", joined);
}

void sample_make_texts(sample *t, dice *d) {
  size_t rows = t->in.roll.rows;
  const char **text = sample_alloc(t, rows, sizeof *text);
  int64_t *len = sample_alloc(t, rows, sizeof *len);
  bool careless = dice_chance(d, .5);
  for (size_t r = 0; r < rows; r++) {
    if (dice_chance(d, .05)) continue; /* null */
    text[r] = make_text(t, d, r, careless);
    len[r] = (int64_t)strlen(text[r]);
  }
  for (size_t i = 0; i < t->in.trees; i++) {
    gate_tree *tree = &((gate_tree *)t->in.tree)[i];
    tree->text = text, tree->text_len = len;
  }
}

/* A row under the node, or -1. */
static long member(const sample *t, dice *d, int index, int node) {
  const gate_tree *tree = &t->in.tree[index];
  size_t rows = t->in.roll.rows, start = (size_t)(dice_next(d) % (rows ? rows : 1));
  for (size_t i = 0; i < rows; i++) {
    size_t r = (start + i) % rows;
    for (int at = tree->leaf[r]; at >= 0; at = tree->node[at].parent)
      if (at == node && tree->text[r]) return (long)r;
  }
  return -1;
}

/* Four words or more as a member wrote them, next to one another. */
static char *quote(sample *t, dice *d, long row) {
  g_auto(GStrv) word = g_strsplit(t->in.tree[0].text[row], " ", -1);
  int count = (int)g_strv_length(word), start = dice_int(d, 0, MAX(count - 4, 0));
  GString *out = g_string_new(NULL);
  for (int i = start; i < count && i < start + 5; i++)
    g_string_append_printf(out, "%s%s", i > start ? " " : "", word[i]);
  char *text = sample_text(t, "%s", out->str);
  g_string_free(out, TRUE);
  return text;
}

static const char *plain_word(const sample *t, dice *d) {
  return t->lex->plain->pdata[dice_int(d, 0, (int)t->lex->plain->len - 1)];
}

/* `good` spoilt in one way; what breaks no clause here may well stand. */
static char *spoil(sample *t, dice *d, int index, int node, const char *good) {
  const GPtrArray *everyday = t->lex->everyday;
  long row = t->has_texts ? member(t, d, index, node) : -1;
  switch (dice_int(d, 0, t->has_texts ? 15 : 11)) {
  case 0: return sample_text(t, "%s 55512", good);
  case 1: return sample_text(t, "%s info@site.org", good);
  case 2: return sample_text(t, "%s \u200b%s", good, plain_word(t, d));
  case 3: return sample_text(t, "%s \u202e%s", good, plain_word(t, d));
  case 4: return sample_text(t, "%s p\u0430y", good); /* a Cyrillic a */
  case 5:
    return sample_text(t, "%s %s %s %s %s %s %s %s %s %s %s %s", good, good, good, good, good, good,
                       good, good, good, good, good, good);
  case 6: return sample_text(t, "%s www.site.org", good);
  case 7: return sample_text(t, "%s @site", good);
  case 8: return sample_text(t, "%s \uff15\uff15\uff15\uff11\uff12", good);
  case 9: return sample_text(t, "%s %s", good, own_word(t, 'r', dice_next(d) % 4));
  case 10: return sample_text(t, "%s %s", good, own_word(t, 'p', t->in.roll.account[MAX(row, 0)]));
  case 11:
    if (everyday->len == 0) return NULL;
    return sample_text(t, "%s %s", good,
                       (char *)everyday->pdata[dice_int(d, 0, (int)everyday->len - 1)]);
  case 12:
  case 13: return sample_text(t, "%s %s", good, own_word(t, 'n', t->in.roll.org[MAX(row, 0)]));
  default: return row < 0 ? NULL : quote(t, d, row);
  }
}

static int32_t good_rating(const sample *t, dice *d) {
  return dice_int(d, (int)t->in.policy.audit_floor, 5);
}

static int32_t bad_rating(const sample *t, dice *d) {
  return dice_chance(d, .5) ? 0 : dice_int(d, 1, (int)t->in.policy.audit_floor - 1);
}

/* Two words that may stand: the number makes them unlike any other node's. */
static char *good_name(sample *t, dice *d, int index, int node, size_t start) {
  const GPtrArray *plain = t->lex->plain;
  size_t n = plain->len, at = (start + (size_t)node * 3 + (size_t)index * 101) % (n * n);
  if (t->has_texts)
    return sample_text(t, "%s %s", plain_word(t, d),
                       own_word(t, (char)('t' + index), (uint64_t)node * 31 + 7));
  return sample_text(t, "%s %s", (char *)plain->pdata[at % n], (char *)plain->pdata[at / n]);
}

static void name_node(sample *t, dice *d, int index, int at, size_t start, double bad) {
  gate_node *node = &((gate_node *)t->in.tree[index].node)[at];
  char *name = good_name(t, d, index, at, start);
  node->name = name;
  node->name_rating = good_rating(t, d);
  node->name_auditor = "rules";
  if (dice_chance(d, bad)) {
    if (dice_chance(d, .3))
      node->name_rating = bad_rating(t, d);
    else
      node->name = spoil(t, d, index, at, name);
  }
  if (dice_chance(d, .5)) return;
  node->description = sample_text(t, "%s %s %s", plain_word(t, d), name, plain_word(t, d));
  node->description_rating = good_rating(t, d);
  node->description_auditor = "vocabulary";
  if (!dice_chance(d, bad * 2)) return;
  if (dice_chance(d, .3))
    node->description_rating = bad_rating(t, d);
  else
    node->description = spoil(t, d, index, at, node->description);
}

void sample_make_names(sample *t, dice *d, int index) {
  size_t nodes = t->in.tree[index].nodes;
  size_t start = (size_t)(dice_next(d) % (t->lex->plain->len * t->lex->plain->len));
  double bad = dice_of(d, 5, (const int[]){0, 0, 0, 5, 15}) / 100.;
  if (t->has_texts) bad = dice_of(d, 3, (const int[]){0, 10, 30}) / 100.;
  for (size_t i = 0; i < nodes; i++) name_node(t, d, index, (int)i, start, bad);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < nodes; i++) {
    const char *name = t->in.tree[index].node[i].name;
    if (!name || !g_hash_table_add(seen, (gpointer)name)) t->unique_names = false;
  }
}
