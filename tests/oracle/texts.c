/* texts.c - T4: the text rule by brute force over the members' texts. Words come
 * from text_words and are compared as text_fold gives them; all else is ours. */
#include <string.h>

#include "oracle.h"
#include "text.h"

/* The folded words of every row's text, as numbers. */
typedef struct word_table {
  GHashTable *number; /* folded word -> number + 1 */
  GArray ***of;       /* [tree][row] -> int */
  size_t trees, rows;
} word_table;

typedef struct collect {
  GHashTable *number;
  GArray *to; /* int */
  bool learn;
} collect;

static clio_status take_word(void *ctx, const char *word, int64_t len) {
  collect *c = ctx;
  char *folded = text_fold(word, len);
  int number = GPOINTER_TO_INT(g_hash_table_lookup(c->number, folded)) - 1;
  if (number < 0 && c->learn) {
    number = (int)g_hash_table_size(c->number);
    g_hash_table_insert(c->number, folded, GINT_TO_POINTER(number + 1));
    folded = NULL;
  }
  g_array_append_val(c->to, number);
  g_free(folded);
  return CLIO_OK;
}

static GArray *words_of(GHashTable *number, const char *text, int64_t len) {
  collect c = {number, g_array_new(FALSE, FALSE, sizeof(int)), true};
  if (text) (void)text_words(text, len, take_word, &c);
  return c.to;
}

static word_table *word_table_of(view *v) {
  if (v->word) return v->word;
  word_table *w = v->word = g_new0(word_table, 1);
  w->number = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  w->trees = v->in->trees, w->rows = v->rows;
  w->of = g_new0(GArray **, w->trees);
  for (size_t i = 0; i < w->trees; i++) {
    const gate_tree *tree = &v->in->tree[i];
    w->of[i] = g_new0(GArray *, v->rows + 1);
    for (size_t r = 0; tree->text && r < v->rows; r++)
      w->of[i][r] = words_of(w->number, tree->text[r], tree->text_len[r]);
  }
  return w;
}

static void word_table_free(word_table *w) {
  if (!w) return;
  for (size_t i = 0; i < w->trees; i++) {
    for (size_t r = 0; r < w->rows; r++)
      if (w->of[i][r]) g_array_free(w->of[i][r], TRUE);
    g_free(w->of[i]);
  }
  g_free(w->of);
  g_hash_table_destroy(w->number);
  g_free(w);
}

void view_free(view *v) {
  if (!v) return;
  word_table_free(v->word);
  g_ptr_array_free(v->owned, TRUE);
  g_free(v);
}

/* Do the `count` words from `want` on stand next to one another in `have`? */
static bool holds_run(const GArray *have, const int *want, guint count) {
  for (guint i = 0; have && i + count <= have->len; i++)
    if (memcmp(&g_array_index(have, int, i), want, count * sizeof *want) == 0) return true;
  return false;
}

/* The rows of the set whose text holds the run. */
static rowset rows_with(view *v, int tree, const uint64_t *rows, const int *want, guint count) {
  rowset found_in = g_new0(uint64_t, v->words + 1);
  for (size_t r = 0; r < v->rows; r++)
    if (rows[r / 64] >> (r % 64) & 1 && holds_run(v->word->of[tree][r], want, count))
      found_in[r / 64] |= UINT64_C(1) << (r % 64);
  return found_in;
}

static bool is_exempt(const view *v, const char *text, int64_t len) {
  g_autofree char *folded = text_fold(text, len);
  if (g_hash_table_contains(v->t->lex->frame, folded)) return true;
  return v->in->policy.word_exempt_common && g_hash_table_contains(v->t->lex->common, folded);
}

/* Clause (a) for one word, and what clause (b) needs. */
typedef struct word_check {
  view *v;
  int tree, node;
  GArray *number;
  bool rare;
} word_check;

static clio_status check_word(void *ctx, const char *word, int64_t len) {
  word_check *c = ctx;
  const gate_policy *p = &c->v->in->policy;
  collect one = {c->v->word->number, c->number, true};
  (void)take_word(&one, word, len);
  if (is_exempt(c->v, word, len)) return CLIO_OK;
  int number = g_array_index(c->number, int, c->number->len - 1);
  g_autofree uint64_t *with =
      rows_with(c->v, c->tree, c->v->node[c->tree][1 + c->node], &number, 1);
  if (set_accounts(c->v, with) < p->word_accounts) c->rare = true;
  if (set_orgs(c->v, with) < p->cluster.organizations) c->rare = true;
  return CLIO_OK;
}

/* Clause (b), of kept rows and, since a conversation over the cap can be quoted
 * like any other, of all. */
static bool quotes_few(const word_check *c) {
  view *v = c->v;
  for (guint i = 0; i + 4 <= c->number->len; i++) {
    const int *run = &g_array_index(c->number, int, i);
    g_autofree uint64_t *with = rows_with(v, c->tree, v->member[c->tree][1 + c->node], run, 4);
    int64_t any = set_accounts(v, with), least = v->in->policy.word_accounts;
    set_and(v, with, with, v->kept);
    int64_t kept = set_accounts(v, with);
    if ((any > 0 && any < least) || (kept > 0 && kept < least)) return true;
  }
  return false;
}

static int digits_in_a_row(const char *text) {
  int most = 0, now = 0;
  for (const char *p = text; *p; p = g_utf8_next_char(p)) {
    now = g_unichar_isdigit(g_utf8_get_char(p)) ? now + 1 : 0;
    most = MAX(most, now);
  }
  return most;
}

/* Clause (c), each in its bluntest form. */
static bool has_hidden(const char *text) {
  for (const char *p = text; *p; p = g_utf8_next_char(p)) {
    GUnicodeType type = g_unichar_type(g_utf8_get_char(p));
    if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT) return true;
  }
  return false;
}

static bool mixes_scripts(const char *text) {
  bool latin = false, other = false;
  for (const char *p = text; *p; p = g_utf8_next_char(p)) {
    gunichar c = g_utf8_get_char(p);
    if (!g_unichar_isalpha(c))
      latin = other = false;
    else if (g_unichar_get_script(c) == G_UNICODE_SCRIPT_LATIN)
      latin = true;
    else
      other = true;
    if (latin && other) return true;
  }
  return false;
}

static const char *looks_wrong(const char *text) {
  if (!g_utf8_validate(text, -1, NULL)) return "not UTF-8";
  if (digits_in_a_row(text) >= 4) return "digits";
  if (strchr(text, '@')) return "e-mail or handle";
  if (strstr(text, "://") || strstr(text, "www.")) return "URL";
  if (has_hidden(text)) return "control, bidi or zero-width";
  return mixes_scripts(text) ? "mixed script" : NULL;
}

bool rating_stands(const view *v, int rating) {
  return rating > 0 && (v->faults.no_floor || rating >= v->in->policy.audit_floor);
}

const char *text_broken(view *v, int tree, int node, const char *text, int max_words) {
  if (v->faults.no_text) return NULL;
  const char *wrong = looks_wrong(text);
  if (wrong) return wrong;
  word_table_of(v);
  word_check c = {v, tree, node, g_array_new(FALSE, FALSE, sizeof(int)), false};
  (void)text_words(text, (int64_t)strlen(text), check_word, &c);
  if (c.rare)
    wrong = "a word of too few";
  else if (quotes_few(&c))
    wrong = "four words of too few";
  else if (c.number->len > (guint)max_words)
    wrong = "too many words";
  g_array_free(c.number, TRUE);
  return wrong;
}

static bool stands(view *v, int tree, int node, const char *text, int rating, int max_words) {
  if (!text || !rating_stands(v, rating)) return false;
  return !text_broken(v, tree, node, text, max_words);
}

bool name_stands(view *v, int tree, int node) {
  const gate_node *n = &v->in->tree[tree].node[node];
  return stands(v, tree, node, n->name, n->name_rating, 10);
}

bool description_stands(view *v, int tree, int node) {
  const gate_node *n = &v->in->tree[tree].node[node];
  return stands(v, tree, node, n->description, n->description_rating, 60);
}

static bool is_text(const char *text) { return text && *text; }

static void check_node_texts(view *v, const gate_printed *p, findings *f) {
  const gate_node *n = &v->in->tree[p->tree].node[p->node];
  bool withheld = p->name && strcmp(p->name, "(withheld)") == 0;
  if (!p->name)
    found(f, "T4.name", "%s is printed without a name", p->id);
  else if (withheld && n->level == 0)
    found(f, "T4.withheld", "%s is a leaf with a refused name", p->id);
  else if (!withheld && (!n->name || strcmp(n->name, p->name) != 0))
    found(f, "T4.name", "%s has a name that nobody proposed", p->id);
  else if (withheld == name_stands(v, p->tree, p->node))
    found(f, "T4.name", "%s: name %s, but %s", p->id, withheld ? "withheld" : "printed",
          withheld ? "it stands" : "it is unrated, under the floor or breaks the text rule");
  bool given = is_text(p->description);
  if (given && (!n->description || strcmp(n->description, p->description) != 0))
    found(f, "T4.description", "%s has a description that nobody proposed", p->id);
  else if (given != (is_text(n->description) && description_stands(v, p->tree, p->node)))
    found(f, "T4.description", "%s: description %s wrongly", p->id, given ? "printed" : "refused");
}

static void check_rating(const view *v, const gate_printed *p, findings *f) {
  const gate_node *n = &v->in->tree[p->tree].node[p->node];
  bool name = p->name && strcmp(p->name, "(withheld)") != 0, text = is_text(p->description);
  bool known =
      (name && p->rating == n->name_rating) || (text && p->rating == n->description_rating);
  if (p->rating == 0 ? name : !known || p->rating < v->in->policy.audit_floor)
    found(f, "T4.rating", "%s: rating %d is of no printed text", p->id, p->rating);
}

/* Free text among the values shown at the root (what is hidden there is hidden
 * below it) must stand over the whole run. */
static void check_values(view *v, const gate_printed *p, findings *f) {
  for (size_t i = 0; i < p->cells; i++) {
    const gate_facet *facet = &v->in->facet[p->cell[i].facet];
    int value = p->cell[i].value;
    if (facet->closed) continue;
    const char *why = text_broken(v, p->tree, -1, facet->value[value], 60);
    if (!rating_stands(v, facet->value_rating[value])) why = "unrated or under the floor";
    if (why) found(f, "T4.value", "%s: a value of facet %s: %s", p->id, facet->name, why);
  }
}

void check_texts(view *v, const gate_release *r, findings *f) {
  for (size_t i = 0; i < r->nodes; i++) {
    const gate_printed *p = &r->node[i];
    if (p->is_root) check_values(v, p, f);
    if (p->is_root || p->is_rest || p->node < 0) {
      if (is_text(p->description)) found(f, "T4.description", "%s has a description", p->id);
      continue;
    }
    check_node_texts(v, p, f);
    check_rating(v, p, f);
  }
}
