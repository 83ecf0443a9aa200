/* text.c - words, folding and simhash; see text.h. Characters one by one are
 * text_chars.c's. */
#include "text.h"

#include <glib.h>
#include <libstemmer.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>

/* Longer words are not stemmed: no language needs it, and some stemmers are
 * slower than linear. */
enum { MAX_STEM = 96, STACK_UNITS = 256 };

/* Scripts that have a Snowball stemmer. Latin comes first: ASCII words use it
 * without a look at their script. */
static const struct {
  UScriptCode script;
  const char *algorithm;
} stemmers[] = {
    {USCRIPT_LATIN, "english"}, {USCRIPT_CYRILLIC, "russian"}, {USCRIPT_GREEK, "greek"},
    {USCRIPT_ARABIC, "arabic"}, {USCRIPT_DEVANAGARI, "hindi"}, {USCRIPT_ARMENIAN, "armenian"},
    {USCRIPT_TAMIL, "tamil"},
};
enum { STEMMERS = G_N_ELEMENTS(stemmers) };

/* ICU's word iterator and the text it stands on. */
typedef struct cutter {
  UBreakIterator *it;
  UText *text;
} cutter;

/* What one thread keeps between calls, for opening these is slow. */
typedef struct text_tools {
  cutter *cutter; /* NULL while a text_words() of this thread has it */
  struct sb_stemmer *stem[STEMMERS];
  GString *folded;
} text_tools;

static void cutter_free(cutter *c) {
  if (!c) return;
  if (c->it) ubrk_close(c->it);
  utext_close(c->text);
  g_free(c);
}

static void tools_free(gpointer data) {
  text_tools *t = data;
  cutter_free(t->cutter);
  for (int i = 0; i < STEMMERS; i++)
    if (t->stem[i]) sb_stemmer_delete(t->stem[i]);
  g_string_free(t->folded, TRUE);
  g_free(t);
}

static GPrivate tools_key = G_PRIVATE_INIT(tools_free);

static text_tools *tools_get(void) {
  text_tools *t = g_private_get(&tools_key);
  if (t) return t;
  t = g_new0(text_tools, 1);
  t->folded = g_string_sized_new(64);
  g_private_set(&tools_key, t);
  return t;
}

/* The root locale's word rules, whatever the environment says. */
static UBreakIterator *word_iterator_open(void) {
  UErrorCode code = U_ZERO_ERROR;
  UBreakIterator *it = ubrk_open(UBRK_WORD, "", NULL, 0, &code);
  return U_SUCCESS(code) ? it : NULL;
}

/* ---- ASCII: the same words as ICU's, without ICU ---- */

/* How ASCII characters join into words. Learnt from ICU at the first call, so
 * that both agree whatever its version's rules say about ':' and the like. */
enum { LETTER = 1, DIGIT = 2, LINE = 4, JOINS_LETTERS = 8, JOINS_DIGITS = 16 };
static uint8_t ascii_class[128];

static bool icu_joins(UBreakIterator *it, char side, char mid) {
  const UChar text[3] = {(UChar)side, (UChar)mid, (UChar)side};
  UErrorCode code = U_ZERO_ERROR;
  ubrk_setText(it, text, 3, &code);
  return U_SUCCESS(code) && ubrk_following(it, 0) == 3;
}

static gpointer ascii_learn(gpointer unused) {
  (void)unused;
  UBreakIterator *it = word_iterator_open();
  for (int c = 0; c < 128; c++) {
    if (g_ascii_isalpha(c)) ascii_class[c] = LETTER;
    if (g_ascii_isdigit(c)) ascii_class[c] = DIGIT;
    if (c == '_') ascii_class[c] = LINE;
    if (ascii_class[c] || !it) continue;
    if (icu_joins(it, 'a', (char)c)) ascii_class[c] |= JOINS_LETTERS;
    if (icu_joins(it, '1', (char)c)) ascii_class[c] |= JOINS_DIGITS;
  }
  if (it) ubrk_close(it);
  return it; /* only told apart from NULL: were there rules to learn from? */
}

static bool ascii_ready(void) {
  static GOnce once = G_ONCE_INIT;
  return g_once(&once, ascii_learn, NULL) != NULL;
}

/* The end of the word part that starts at `i` (Unicode UAX 29, rules WB5 to
 * WB13 for ASCII). *ret_seen: the classes met. */
static int64_t ascii_word_end(const char *s, int64_t i, int64_t len, unsigned *ret_seen) {
  const unsigned word = LETTER | DIGIT | LINE;
  unsigned seen = 0, here = 0;
  while (i < len) {
    unsigned class = ascii_class[(unsigned char)s[i]];
    if (class & word) {
      seen |= here = class;
      i++;
      continue;
    }
    unsigned next = i + 1 < len ? ascii_class[(unsigned char)s[i + 1]] : 0;
    bool joined = (class & JOINS_LETTERS && here == LETTER && next == LETTER) ||
                  (class & JOINS_DIGITS && here == DIGIT && next == DIGIT);
    if (!joined) break;
    i++;
  }
  *ret_seen = seen;
  return i;
}

static clio_status ascii_words(const char *s, int64_t len, text_word_fn *fn, void *ctx) {
  for (int64_t i = 0; i < len;) {
    if (!(ascii_class[(unsigned char)s[i]] & (LETTER | DIGIT | LINE))) {
      i++;
      continue;
    }
    unsigned seen;
    int64_t end = ascii_word_end(s, i, len, &seen);
    clio_status status = seen & (LETTER | DIGIT) ? fn(ctx, s + i, end - i) : CLIO_OK;
    if (status != CLIO_OK) return status;
    i = end;
  }
  return CLIO_OK;
}

/* ---- everything else: ICU ---- */

/* ICU also calls a run of low lines a word; a word here has a letter, a digit
 * or an ideograph in it. */
static bool has_alnum(const char *s, int64_t len) {
  for (int64_t i = 0; i < len;) {
    UChar32 c = text_next_char(s, &i, len);
    if (c >= 0 && u_isalnum(c)) return true;
  }
  return false;
}

static clio_status icu_words(cutter *cut, const char *s, int64_t len, text_word_fn *fn, void *ctx) {
  UErrorCode code = U_ZERO_ERROR;
  cut->text = utext_openUTF8(cut->text, s, len, &code);
  if (!cut->it) cut->it = word_iterator_open();
  if (!cut->it) return CLIO_E_NOMEM;
  ubrk_setUText(cut->it, cut->text, &code);
  if (U_FAILURE(code)) return code == U_MEMORY_ALLOCATION_ERROR ? CLIO_E_NOMEM : CLIO_E_INTERNAL;
  int32_t start = ubrk_first(cut->it);
  for (int32_t end = ubrk_next(cut->it); end != UBRK_DONE; start = end, end = ubrk_next(cut->it)) {
    if (ubrk_getRuleStatus(cut->it) < UBRK_WORD_NONE_LIMIT || !has_alnum(s + start, end - start))
      continue;
    clio_status status = fn(ctx, s + start, end - start);
    if (status != CLIO_OK) return status;
  }
  return CLIO_OK;
}

static bool is_gap(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/* The end of the stretch that starts at `i`: tokens between blanks that are all
 * ASCII, or all not. No word crosses a blank, so cutting there is safe. */
static int64_t stretch_end(const char *s, int64_t i, int64_t len, bool *ret_ascii) {
  int64_t cut = i;
  for (bool first = true; i < len; first = false) {
    unsigned char high = 0;
    while (i < len && is_gap(s[i])) i++;
    while (i < len && !is_gap(s[i])) high |= (unsigned char)s[i++];
    bool ascii = !(high & 0x80);
    if (first) *ret_ascii = ascii;
    if (ascii != *ret_ascii) break;
    cut = i;
  }
  return cut;
}

clio_status text_words(const char *utf8, int64_t len, text_word_fn *fn, void *ctx) {
  if (len > INT32_MAX) return CLIO_E_INPUT;
  if (!ascii_ready()) return CLIO_E_INTERNAL;
  text_tools *t = tools_get();
  cutter *cut = g_steal_pointer(&t->cutter); /* fn may come here again */
  clio_status status = CLIO_OK;
  for (int64_t i = 0; status == CLIO_OK && i < len;) {
    bool ascii = true;
    int64_t end = stretch_end(utf8, i, len, &ascii);
    if (!ascii && !cut) cut = g_new0(cutter, 1);
    status = ascii ? ascii_words(utf8 + i, end - i, fn, ctx)
                   : icu_words(cut, utf8 + i, end - i, fn, ctx);
    i = end;
  }
  if (t->cutter)
    cutter_free(cut);
  else
    t->cutter = cut;
  return status;
}

/* ---- folding ---- */

/* The script of the first letter that has one of its own. */
static UScriptCode script_of(const char *s, int64_t len) {
  for (int64_t i = 0; i < len;) {
    UErrorCode code = U_ZERO_ERROR;
    UChar32 c = text_next_char(s, &i, len);
    UScriptCode script = c < 0 ? USCRIPT_COMMON : uscript_getScript(c, &code);
    if (script > USCRIPT_INHERITED) return script;
  }
  return USCRIPT_COMMON;
}

static struct sb_stemmer *stemmer_for(text_tools *t, UScriptCode script) {
  for (int i = 0; i < STEMMERS; i++) {
    if (stemmers[i].script != script) continue;
    if (!t->stem[i]) t->stem[i] = sb_stemmer_new(stemmers[i].algorithm, "UTF_8");
    return t->stem[i];
  }
  return NULL;
}

/* NFKC_Casefold of a word that is not ASCII, into t->folded. */
static void fold_unicode(text_tools *t, const char *word, int32_t len) {
  UErrorCode code = U_ZERO_ERROR;
  const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&code);
  UChar on_stack[2][STACK_UNITS];
  UChar *from = on_stack[0], *to = on_stack[1];
  int32_t room = STACK_UNITS, units = 0, folded = 0;
  g_autofree UChar *on_heap = NULL;
  /* 18 is the longest that one unit can become under NFKC (U+FDFA). */
  if (len > STACK_UNITS / 18) {
    room = 18 * len;
    on_heap = g_new(UChar, 2 * (size_t)room);
    from = on_heap;
    to = on_heap + room;
  }
  u_strFromUTF8WithSub(from, room, &units, word, len, 0xFFFD, NULL, &code);
  folded = unorm2_normalize(nfkc, from, units, to, room, &code);
  g_string_set_size(t->folded, 3 * (gsize)folded);
  int32_t bytes = 0;
  u_strToUTF8(t->folded->str, 3 * folded, &bytes, to, folded, &code);
  g_string_set_size(t->folded, U_SUCCESS(code) ? (gsize)bytes : 0);
}

/* Typographic apostrophes as ASCII ones: "user’s" and "user's" are one word,
 * and the English stemmer knows the second only. */
static void plain_apostrophes(GString *s) {
  for (char *p = s->str; (p = strstr(p, "\xE2\x80\x99"));)
    g_string_erase(g_string_insert_c(s, p - s->str, '\''), p - s->str + 1, 3);
}

/* The folded word, in memory of this thread that lives until its next fold. */
static const char *fold(text_tools *t, const char *word, int64_t len, bool stem, size_t *ret_len) {
  unsigned char high = 0;
  g_string_set_size(t->folded, (gsize)len);
  for (int64_t i = 0; i < len; i++) {
    t->folded->str[i] = g_ascii_tolower(word[i]);
    high |= (unsigned char)word[i];
  }
  bool ascii = !(high & 0x80);
  if (!ascii) {
    fold_unicode(t, word, (int32_t)len);
    plain_apostrophes(t->folded);
  }
  *ret_len = t->folded->len;
  if (!stem || t->folded->len > MAX_STEM) return t->folded->str;
  UScriptCode script = ascii ? USCRIPT_LATIN : script_of(t->folded->str, (int64_t)t->folded->len);
  struct sb_stemmer *stemmer = stemmer_for(t, script);
  if (!stemmer) return t->folded->str;
  const sb_symbol *stemmed =
      sb_stemmer_stem(stemmer, (const sb_symbol *)t->folded->str, (int)t->folded->len);
  if (!stemmed) return t->folded->str;
  *ret_len = (size_t)sb_stemmer_length(stemmer);
  return (const char *)stemmed;
}

static char *fold_new(const char *word, int64_t len, bool stem) {
  size_t n;
  const char *folded = fold(tools_get(), word, len, stem, &n);
  return g_strndup(folded, n);
}

char *text_fold(const char *word, int64_t len) { return fold_new(word, len, true); }

char *text_fold_plain(const char *word, int64_t len) { return fold_new(word, len, false); }

/* ---- simhash ---- */

/* FNV-1a, then the finalizer of MurmurHash3, for FNV's high bits are weak. */
static uint64_t hash_bytes(const char *s, size_t len) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
  h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
  h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
  return h ^ (h >> 33);
}

typedef struct simhash_state {
  text_tools *tools;
  uint64_t words;
  int64_t votes[64];
} simhash_state;

static clio_status simhash_word(void *ctx, const char *word, int64_t len) {
  simhash_state *s = ctx;
  size_t n;
  const char *folded = fold(s->tools, word, len, true, &n);
  uint64_t h = hash_bytes(folded, n);
  s->words++;
  for (int bit = 0; bit < 64; bit++) s->votes[bit] += (int64_t)(h >> bit & 1) * 2 - 1;
  return CLIO_OK;
}

/* Charikar, "Similarity estimation techniques from rounding algorithms" (2002):
 * each word votes on each bit. A drawn vote is 0. */
uint64_t text_simhash(const char *utf8, int64_t len) {
  simhash_state s = {.tools = tools_get()};
  if (text_words(utf8, len, simhash_word, &s) != CLIO_OK || s.words == 0) return 0;
  uint64_t result = 0;
  for (int bit = 0; bit < 64; bit++)
    if (s.votes[bit] > 0) result |= UINT64_C(1) << bit;
  return result ? result : 1;
}
