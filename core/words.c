/* words.c - the gate's text rule (GATE.md step 7): which words and runs of
 * words a text may hold, given the members' own texts. It neither rates a text
 * nor knows thresholds other than those it is handed.
 *
 * Both sides of a comparison are cut alike: NFKC and case-folding of the whole
 * text, ICU words, each word stemmed (text.h). Beyond the letter of the rule
 * it refuses, the safer reading: a text without any word, letters that no word
 * holds, and symbols, since what is no word is compared with nothing. */
#include "words.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "pii.h"
#include "text.h"

enum { RUN = 4, FRAME_LIST_WORDS = 400, DIGIT_RUN = 4 };

/* A word that no member's text holds. */
#define NO_WORD (UINT32_MAX - 1)

struct words_lists {
  GHashTable *frame, *common; /* sets of folded words */
};

/* ---- the lists ---- */

static char *fold_line(char *line) {
  char *hash = strchr(line, '#');
  if (hash) *hash = '\0';
  g_strstrip(line);
  return *line ? text_fold(line, (int64_t)strlen(line)) : NULL;
}

static clio_status read_list(const char *path, size_t most, GHashTable *set, error *e) {
  g_autofree char *bytes = NULL;
  g_autoptr(GError) failure = NULL;
  gsize len;
  if (!g_file_get_contents(path, &bytes, &len, &failure))
    return error_set(e, CLIO_E_IO, "cannot read the word list: %s", failure->message);
  if (!g_utf8_validate(bytes, (gssize)len, NULL))
    return error_set(e, CLIO_E_CONFIG, "word list '%s' is not UTF-8; save it as UTF-8", path);
  g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
  size_t words = 0;
  for (char **line = lines; *line; line++) {
    char *folded = fold_line(*line);
    if (!folded) continue;
    words++;
    g_hash_table_add(set, folded);
  }
  if (words <= most) return CLIO_OK;
  return error_set(e, CLIO_E_CONFIG, "word list '%s' holds more than %zu words; shorten it", path,
                   most);
}

static clio_status read_named(const char *dir, const char *name, words_lists *lists, error *e) {
  bool is_frame = g_str_has_prefix(name, "frame-"), is_common = g_str_has_prefix(name, "common-");
  if (!g_str_has_suffix(name, ".txt") || !(is_frame || is_common)) return CLIO_OK;
  g_autofree char *path = g_build_filename(dir, name, NULL);
  return is_frame ? read_list(path, FRAME_LIST_WORDS, lists->frame, e)
                  : read_list(path, SIZE_MAX, lists->common, e);
}

clio_status words_lists_load(const char *dir, words_lists **ret, error *e) {
  g_autoptr(GError) failure = NULL;
  GDir *folder = g_dir_open(dir, 0, &failure);
  if (!folder) return error_set(e, CLIO_E_IO, "cannot read the word lists: %s", failure->message);
  words_lists *lists = g_new0(words_lists, 1);
  lists->frame = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  lists->common = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  clio_status status = CLIO_OK;
  for (const char *name; status == CLIO_OK && (name = g_dir_read_name(folder));)
    status = read_named(dir, name, lists, e);
  g_dir_close(folder);
  if (status == CLIO_OK && !g_hash_table_size(lists->frame))
    status =
        error_set(e, CLIO_E_IO, "no word list frame-*.txt in '%s'; is Clio installed whole?", dir);
  if (status == CLIO_OK)
    *ret = lists;
  else
    words_lists_free(lists);
  return status;
}

void words_lists_free(words_lists *lists) {
  if (!lists) return;
  g_hash_table_destroy(lists->frame);
  g_hash_table_destroy(lists->common);
  g_free(lists);
}

bool words_is_frame(const words_lists *lists, const char *folded) {
  return lists && g_hash_table_contains(lists->frame, folded);
}

bool words_is_common(const words_lists *lists, const char *folded) {
  return lists && g_hash_table_contains(lists->common, folded);
}

/* ---- the index ---- */

struct words_index {
  size_t rows;
  const uint64_t *account, *org;
  GStringChunk *strings;
  GHashTable *raw;    /* case-folded word -> its number + 1, while building */
  GHashTable *folded; /* stemmed word -> its number + 1 */
  uint32_t *seq;      /* every row's words, one after the other */
  size_t *seq_at;     /* row r: seq[seq_at[r]] ... seq[seq_at[r + 1] - 1] */
  uint32_t *posting;  /* every word's rows, increasing */
  size_t *posting_at;
};

/* Collects the words of one text while they are cut. */
typedef struct cutter {
  words_index *index;
  GArray *seq;
  GString *word;
} cutter;

static uint32_t intern(GStringChunk *strings, GHashTable *table, const char *word) {
  gpointer known = g_hash_table_lookup(table, word);
  if (known) return GPOINTER_TO_UINT(known) - 1;
  uint32_t number = g_hash_table_size(table);
  g_hash_table_insert(table, g_string_chunk_insert(strings, word), GUINT_TO_POINTER(number + 1));
  return number;
}

/* The number of a word; its stem is looked for once per distinct word. */
static uint32_t word_number(words_index *index, const char *word) {
  gpointer known = g_hash_table_lookup(index->raw, word);
  if (known) return GPOINTER_TO_UINT(known) - 1;
  g_autofree char *stem = text_fold(word, (int64_t)strlen(word));
  uint32_t number = intern(index->strings, index->folded, stem);
  g_hash_table_insert(index->raw, g_string_chunk_insert(index->strings, word),
                      GUINT_TO_POINTER(number + 1));
  return number;
}

static clio_status index_word(void *ctx, const char *word, int64_t len) {
  cutter *c = ctx;
  g_string_truncate(c->word, 0);
  g_string_append_len(c->word, word, (gssize)len);
  uint32_t number = word_number(c->index, c->word->str);
  g_array_append_val(c->seq, number);
  return CLIO_OK;
}

/* A NUL byte, which JSON allows, parts a text but does not end it. */
static void index_row(cutter *c, const char *text, int64_t len) {
  const char *end = text ? text + MAX(len, 0) : text;
  while (text < end) {
    const char *nul = memchr(text, '\0', (size_t)(end - text));
    const char *stop = nul ? nul : end;
    g_autofree char *plain = text_fold_plain(text, stop - text);
    text_words(plain, (int64_t)strlen(plain), index_word, c);
    text = nul ? nul + 1 : end;
  }
}

/* Rows of each word: counted, then filled in row order; a row comes once. */
static void count_postings(words_index *index, size_t words, size_t *next, uint32_t *posting) {
  uint32_t *last = g_new(uint32_t, words + 1);
  for (size_t w = 0; w < words; w++) last[w] = UINT32_MAX;
  for (size_t r = 0; r < index->rows; r++)
    for (size_t i = index->seq_at[r]; i < index->seq_at[r + 1]; i++) {
      uint32_t w = index->seq[i];
      if (last[w] == r) continue;
      last[w] = (uint32_t)r;
      if (posting) posting[next[w]] = (uint32_t)r;
      next[w]++;
    }
  g_free(last);
}

static void make_postings(words_index *index) {
  size_t words = g_hash_table_size(index->folded);
  size_t *next = g_new0(size_t, words + 1);
  count_postings(index, words, next, NULL);
  index->posting_at = g_new0(size_t, words + 1);
  for (size_t w = 0; w < words; w++) index->posting_at[w + 1] = index->posting_at[w] + next[w];
  memcpy(next, index->posting_at, (words + 1) * sizeof *next);
  index->posting = g_new(uint32_t, index->posting_at[words] + 1);
  count_postings(index, words, next, index->posting);
  g_free(next);
}

words_index *words_index_new(size_t rows, const char *const *text, const int64_t *len,
                             const uint64_t *account, const uint64_t *org) {
  words_index *index = g_new0(words_index, 1);
  *index = (words_index){.rows = rows, .account = account, .org = org};
  index->strings = g_string_chunk_new(1 << 16);
  index->raw = g_hash_table_new(g_str_hash, g_str_equal);
  index->folded = g_hash_table_new(g_str_hash, g_str_equal);
  index->seq_at = g_new0(size_t, rows + 1);
  cutter c = {index, g_array_new(FALSE, FALSE, sizeof(uint32_t)), g_string_new(NULL)};
  for (size_t r = 0; r < rows; r++) {
    if (text) index_row(&c, text[r], len[r]);
    index->seq_at[r + 1] = c.seq->len;
  }
  g_string_free(c.word, TRUE);
  index->seq = (uint32_t *)(void *)g_array_free(c.seq, FALSE);
  g_clear_pointer(&index->raw, g_hash_table_destroy);
  make_postings(index);
  return index;
}

void words_index_free(words_index *index) {
  if (!index) return;
  g_hash_table_destroy(index->folded);
  g_string_chunk_free(index->strings);
  g_free(index->seq);
  g_free(index->seq_at);
  g_free(index->posting);
  g_free(index->posting_at);
  g_free(index);
}

/* ---- the rule ---- */

/* The members of a node: rows of the index, increasing. */
typedef struct members {
  const uint32_t *row;
  size_t count;
} members;

/* Up to `most` distinct keys. */
typedef struct few {
  uint64_t *key;
  size_t count, most;
} few;

static few few_new(int64_t most) {
  size_t n = (size_t)MAX(most, 1);
  return (few){g_new(uint64_t, n), 0, n};
}

static bool few_is_full(const few *f) { return f->count == f->most; }

static void few_add(few *f, uint64_t key) {
  for (size_t i = 0; i < f->count && !few_is_full(f); i++)
    if (f->key[i] == key) return;
  if (!few_is_full(f)) f->key[f->count++] = key;
}

static members postings(const words_index *index, uint32_t word) {
  if (word == NO_WORD) return (members){NULL, 0};
  size_t at = index->posting_at[word];
  return (members){index->posting + at, index->posting_at[word + 1] - at};
}

/* The first place at or after `from` whose row is not below `row`, by doubling
 * steps and then halving. */
static size_t seek(members m, size_t from, uint32_t row) {
  size_t step = 1, low = from, high = from;
  while (high < m.count && m.row[high] < row) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = MIN(high, m.count);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (m.row[middle] < row)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Calls visit for the rows that both hold, until it says to stop. */
static void each_common(members a, members b, bool (*visit)(void *, uint32_t), void *ctx) {
  if (a.count > b.count) {
    members swap = a;
    a = b;
    b = swap;
  }
  for (size_t i = 0, j = 0; i < a.count; i++) {
    j = seek(b, j, a.row[i]);
    if (j == b.count) return;
    if (b.row[j] == a.row[i] && visit(ctx, a.row[i])) return;
  }
}

/* One text under the rule. */
typedef struct judge {
  const words_index *index;
  const words_lists *lists;
  const words_rule *rule;
  members members;
  GArray *seq;      /* numbers of its words; NO_WORD where no text holds it */
  GPtrArray *stems; /* the same as strings */
  size_t letters;   /* letters and digits that words hold */
} judge;

typedef struct holders {
  const words_index *index;
  few accounts, orgs;
  const uint32_t *run; /* of RUN words, or NULL */
} holders;

static holders holders_new(const judge *j, const uint32_t *run) {
  return (holders){j->index, few_new(j->rule->accounts), few_new(j->rule->organizations), run};
}

static void holders_clear(holders *h) {
  g_free(h->accounts.key);
  g_free(h->orgs.key);
}

static bool add_holder(void *ctx, uint32_t row) {
  holders *h = ctx;
  few_add(&h->accounts, h->index->account[row]);
  few_add(&h->orgs, h->index->org[row]);
  return few_is_full(&h->accounts) && few_is_full(&h->orgs);
}

static bool row_holds_run(const words_index *index, uint32_t row, const uint32_t *run) {
  size_t end = index->seq_at[row + 1];
  for (size_t i = index->seq_at[row]; i + RUN <= end; i++)
    if (!memcmp(index->seq + i, run, RUN * sizeof *run)) return true;
  return false;
}

static bool add_run_holder(void *ctx, uint32_t row) {
  holders *h = ctx;
  if (row_holds_run(h->index, row, h->run)) few_add(&h->accounts, h->index->account[row]);
  return few_is_full(&h->accounts);
}

/* (a): is the word exempt, or used by enough accounts and organisations? */
static const char *check_word(const judge *j, uint32_t word, const char *stem) {
  if (words_is_frame(j->lists, stem)) return NULL;
  if (j->rule->exempt_common && words_is_common(j->lists, stem)) return NULL;
  holders h = holders_new(j, NULL);
  each_common(postings(j->index, word), j->members, add_holder, &h);
  bool accounts = few_is_full(&h.accounts), orgs = few_is_full(&h.orgs);
  holders_clear(&h);
  if (!accounts) return "it holds a word that too few accounts of the group use";
  return orgs ? NULL : "it holds a word that too few organisations of the group use";
}

/* (b): is a run of words that a member wrote written by enough accounts? */
static const char *check_run(const judge *j, const uint32_t *run) {
  members rarest = postings(j->index, run[0]);
  for (size_t i = 0; i < RUN; i++) {
    members m = postings(j->index, run[i]);
    if (m.count < rarest.count) rarest = m;
  }
  holders h = holders_new(j, run);
  each_common(rarest, j->members, add_run_holder, &h);
  bool passes = h.accounts.count == 0 || few_is_full(&h.accounts);
  holders_clear(&h);
  return passes ? NULL : "it holds a run of four words that too few accounts of the group wrote";
}

static clio_status judge_word(void *ctx, const char *word, int64_t len) {
  judge *j = ctx;
  char *stem = text_fold(word, len);
  g_ptr_array_add(j->stems, stem);
  gpointer known = g_hash_table_lookup(j->index->folded, stem);
  uint32_t number = known ? GPOINTER_TO_UINT(known) - 1 : NO_WORD;
  g_array_append_val(j->seq, number);
  for (const char *p = word; p < word + len; p = g_utf8_next_char(p))
    if (g_unichar_isalnum(g_utf8_get_char(p))) j->letters++;
  return CLIO_OK;
}

/* Symbols, private and unassigned characters, numbers in circles, controls. */
static bool is_odd(gunichar c) {
  switch (g_unichar_type(c)) {
  case G_UNICODE_OTHER_SYMBOL:
  case G_UNICODE_OTHER_NUMBER:
  case G_UNICODE_PRIVATE_USE:
  case G_UNICODE_UNASSIGNED:
  case G_UNICODE_SURROGATE:
  case G_UNICODE_CONTROL:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR: return true;
  default: return false;
  }
}

/* What is compared with nothing must not be there. `plain`: folded, valid. */
static const char *check_leftovers(const judge *j, const char *plain) {
  size_t letters = 0;
  for (const char *p = plain; *p; p = g_utf8_next_char(p)) {
    gunichar c = g_utf8_get_char(p);
    if (is_odd(c)) return "it holds a symbol or control character";
    if (g_unichar_isalnum(c)) letters++;
  }
  if (!j->seq->len) return "it holds no word";
  return letters == j->letters ? NULL : "it holds letters that are no word";
}

/* Stops at the first find that is personal by its form; names of people and
 * organisations by their looks are the auditors' to judge. */
static clio_status stop_at_pii(void *ctx, uint32_t kind, int64_t start, int64_t end) {
  (void)start, (void)end;
  if (kind == CLIO_PII_PERSON || kind == CLIO_PII_ORG || kind == CLIO_PII_ADDRESS) return CLIO_OK;
  *(bool *)ctx = true;
  return CLIO_E_CANCELLED;
}

/* (c), on a text as it would be printed. */
static const char *check_form(const char *text) {
  int64_t len = (int64_t)strlen(text);
  bool found = false;
  if (!text_is_utf8(text, len, NULL)) return "it is not UTF-8";
  if (text_has_control(text, len)) return "it holds a control or invisible character";
  if (text_has_mixed_script(text, len)) return "it holds a word of mixed scripts";
  if (text_digit_run(text, len) >= DIGIT_RUN) return "it holds a run of four or more digits";
  clio_status status = pii_init(NULL);
  if (status == CLIO_OK) status = pii_scan(text, len, stop_at_pii, &found);
  if (!found && status == CLIO_OK) return NULL;
  return "it holds an address, number or key that may be personal";
}

static const char *check_words(const judge *j) {
  const uint32_t *seq = (const uint32_t *)(const void *)j->seq->data;
  if ((int64_t)j->seq->len > j->rule->max_words) return "it has too many words";
  for (size_t i = 0; i < j->seq->len; i++) {
    const char *why = check_word(j, seq[i], j->stems->pdata[i]);
    if (why) return why;
  }
  for (size_t i = 0; i + RUN <= j->seq->len; i++) {
    const char *why = check_run(j, seq + i);
    if (why) return why;
  }
  return NULL;
}

const char *words_check(const words_index *index, const words_lists *lists, const words_rule *rule,
                        const uint32_t *rows, size_t count, const char *text) {
  const char *why = check_form(text);
  if (why) return why;
  g_autofree char *plain = text_fold_plain(text, (int64_t)strlen(text));
  if ((why = check_form(plain))) return why;
  judge j = {index, lists, rule, {rows, count}, NULL, NULL, 0};
  j.seq = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  j.stems = g_ptr_array_new_with_free_func(g_free);
  clio_status status = text_words(plain, (int64_t)strlen(plain), judge_word, &j);
  why = status == CLIO_OK ? check_leftovers(&j, plain) : "it cannot be cut into words";
  if (!why) why = check_words(&j);
  g_array_free(j.seq, TRUE);
  g_ptr_array_free(j.stems, TRUE);
  return why;
}
