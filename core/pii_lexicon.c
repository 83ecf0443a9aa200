/* pii_lexicon.c - the word lists of the scanner: configs/words/given-names.txt,
 * surnames.txt and pii-forms.txt. Words are kept as hashes of their lower-cased
 * form; the lists never change after loading. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "pii_parts.h"
#include "text.h"

enum { MAX_PHRASE = 6, MAX_WORD = 96 };

/* The sections of pii-forms.txt. */
static const struct {
  const char *name;
  uint32_t kind;
} sections[] = {
    {"title", PII_TITLE},
    {"dottedtitle", PII_DOTTED_TITLE},
    {"intro", PII_INTRO},
    {"weak", PII_WEAK_INTRO},
    {"particle", PII_PARTICLE},
    {"notname", PII_NOT_NAME},
    {"org", PII_ORG_AFTER},
    {"orgfront", PII_ORG_FRONT},
    {"name", PII_LABEL_NAME},
    {"address", PII_LABEL_ADDRESS},
    {"phone", PII_LABEL_PHONE},
    {"id", PII_LABEL_ID},
    {"secret", PII_LABEL_SECRET},
    {"street", PII_STREET},
    {"streetlast", PII_STREET_LAST},
    {"streetfront", PII_STREET_FRONT},
    {"streetend", PII_STREET_END},
    {"unit", PII_UNIT},
    {"eastintro", PII_EAST_INTRO},
    {"eastafter", PII_EAST_AFTER},
    {"lives", PII_LIVES},
    {"notstreet", PII_NOT_STREET},
    {"eastfamily", PII_EAST_FAMILY},
    {"easthonorific", PII_EAST_HONORIFIC},
    {"eastcompany", PII_EAST_COMPANY},
    {"koreanfamily", PII_KOREAN_FAMILY},
    {"saint", PII_SAINT},
    {"place", PII_PLACE},
    {"nothandle", PII_NOT_HANDLE},
    {"domain", PII_DOMAIN},
    {"domainpath", PII_DOMAIN_PATH},
};

/* Several words that mean something together: hashes of their lower-cased
 * words, and the form as written. */
typedef struct phrase {
  uint64_t hash[MAX_PHRASE];
  guint words;
  uint32_t kind;
} phrase;

/* The words, in an open-addressing table at most half full: looked up once for
 * every word of every text. */
enum { WORD_SLOTS = 1 << 16 };
static struct {
  uint64_t hash;
  uint32_t kinds;
} words[WORD_SLOTS];
static size_t word_count;

/* Word endings. A bit for each pair of last bytes tells most words apart at once. */
typedef struct endings {
  GPtrArray *ends;
  uint64_t last_two[1024];
} endings;

static struct {
  GHashTable *exact;             /* hash of a word as written */
  GHashTable *starts;            /* hash of a first word -> GArray of phrase, longest first */
  GHashTable *forms;             /* kind -> GPtrArray of strings */
  endings weak, strong, streets; /* of family names and of streets */
} lists;

uint64_t pii_hash(const char *bytes, size_t len) {
  uint64_t h = PII_HASH_START;
  for (size_t i = 0; i < len; i++) h = pii_hash_step(h, (unsigned char)bytes[i]);
  return pii_hash_end(h);
}

bool pii_lower(const char *word, size_t len, char *out, size_t room, size_t *ret_len) {
  size_t n = 0;
  for (int64_t i = 0; i < (int64_t)len;) {
    if (n + 6 > room) return false;
    if (!(word[i] & 0x80)) {
      out[n++] = g_ascii_tolower(word[i++]);
      continue;
    }
    UChar32 c = text_next_char(word, &i, (int64_t)len);
    n += (size_t)g_unichar_to_utf8((gunichar)u_tolower(c < 0 ? 0xFFFD : c), out + n);
  }
  *ret_len = n;
  return true;
}

static gpointer hash_key(uint64_t hash) { return (gpointer)(uintptr_t)hash; }

static void ending_add(endings *e, const char *end) {
  size_t n = strlen(end);
  unsigned pair = (unsigned)(unsigned char)end[n - 2] << 8 | (unsigned char)end[n - 1];
  e->last_two[pair >> 6] |= UINT64_C(1) << (pair & 63);
  g_ptr_array_add(e->ends, g_strdup(end));
}

static size_t word_slot(uint64_t hash) {
  size_t slot = (size_t)hash & (WORD_SLOTS - 1);
  while (words[slot].kinds && words[slot].hash != hash) slot = (slot + 1) & (WORD_SLOTS - 1);
  return slot;
}

static void word_mark(uint64_t hash, uint32_t kinds) {
  size_t slot = word_slot(hash);
  if (!words[slot].kinds && ++word_count > WORD_SLOTS / 2)
    g_error("the word lists hold more than %d words", WORD_SLOTS / 2);
  words[slot].hash = hash;
  words[slot].kinds |= kinds;
}

static void word_add(const char *lower, size_t len, uint32_t kinds) {
  word_mark(pii_hash(lower, len), kinds);
}

bool pii_plain(const char *lower, size_t len, char *out, size_t room, size_t *ret_len) {
  UErrorCode code = U_ZERO_ERROR;
  UChar wide[MAX_WORD], apart[4 * MAX_WORD];
  int32_t units = 0, n = 0, kept = 0, bytes = 0;
  u_strFromUTF8(wide, MAX_WORD, &units, lower, (int32_t)len, &code);
  n = unorm2_normalize(unorm2_getNFDInstance(&code), wide, units, apart, 4 * MAX_WORD, &code);
  if (U_FAILURE(code)) return false;
  for (int32_t i = 0; i < n; i++)
    if (u_charType(apart[i]) != U_NON_SPACING_MARK) apart[kept++] = apart[i];
  u_strToUTF8(out, (int32_t)room, &bytes, apart, kept, &code);
  *ret_len = (size_t)bytes;
  return kept < n && U_SUCCESS(code);
}

/* "josé" as "jose" too; short names lose too much with their accents. */
static void add_without_accents(const char *lower, size_t len, uint32_t kind) {
  char plain[MAX_WORD];
  size_t n;
  if (pii_plain(lower, len, plain, sizeof plain, &n) && n >= 5) word_add(plain, n, kind);
}

/* A Russian or Ukrainian name in its other cases: Анна, Анны, Анне, Анной. */
static void add_declined(const char *lower, size_t len, uint32_t kind) {
  static const struct {
    const char *end, *forms[6];
  } rules[] = {
      {"ия", {"ии", "ию", "ией"}},       {"ий", {"ия", "ию", "ием", "ии"}},
      {"а", {"ы", "и", "е", "у", "ой"}}, {"я", {"и", "е", "ю", "ей"}},
      {"й", {"я", "ю", "ем", "е"}},      {"ь", {"я", "ю", "ем", "е", "и"}},
      {"", {"а", "у", "ом", "ым", "е"}},
  };
  if ((unsigned char)lower[0] != 0xD0 && (unsigned char)lower[0] != 0xD1) return;
  for (size_t r = 0; r < G_N_ELEMENTS(rules); r++) {
    size_t cut = strlen(rules[r].end);
    if (len <= cut || memcmp(lower + len - cut, rules[r].end, cut) != 0) continue;
    for (int k = 0; k < 6 && rules[r].forms[k]; k++) {
      g_autofree char *form = g_strdup_printf("%.*s%s", (int)(len - cut), lower, rules[r].forms[k]);
      word_add(form, strlen(form), kind);
    }
    return;
  }
}

static void name_add(const char *word, uint32_t kind) {
  char lower[MAX_WORD];
  size_t len;
  if (word[0] == '~') {
    kind |= PII_UNSURE;
    word++;
  }
  if (!pii_lower(word, strlen(word), lower, sizeof lower, &len)) return;
  word_add(lower, len, kind);
  add_without_accents(lower, len, kind);
  add_declined(lower, len, kind);
}

/* Splits a form into words as the tokens of a text will be. */
static guint phrase_split(const char *lower, int64_t len, uint64_t *ret_hash) {
  guint n = 0;
  for (int64_t i = 0; i < len && n < MAX_PHRASE;) {
    int64_t start = i, end = i;
    while (i < len) {
      UChar32 c = text_next_char(lower, &i, len);
      if (c != '_' && !u_isalnum(c)) break;
      end = i;
    }
    if (end > start) ret_hash[n++] = pii_hash(lower + start, (size_t)(end - start));
  }
  return n;
}

static void phrase_add(const phrase *p) {
  gpointer key = hash_key(p->hash[0]);
  GArray *same = g_hash_table_lookup(lists.starts, key);
  if (!same) {
    same = g_array_new(FALSE, FALSE, sizeof(phrase));
    g_hash_table_insert(lists.starts, key, same);
  }
  word_mark(p->hash[0], PII_STARTS);
  guint at = 0;
  while (at < same->len && g_array_index(same, phrase, at).words >= p->words) at++;
  g_array_insert_val(same, at, *p);
}

static void form_add(const char *form, uint32_t kind) {
  char lower[MAX_WORD];
  size_t len;
  GPtrArray *forms = g_hash_table_lookup(lists.forms, GUINT_TO_POINTER(kind));
  if (!forms) {
    forms = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_insert(lists.forms, GUINT_TO_POINTER(kind), forms);
  }
  g_ptr_array_add(forms, g_strdup(form));
  if (kind == PII_STREET_END && strlen(form) > 1) ending_add(&lists.streets, form);
  if (kind & PII_WHOLE || !pii_lower(form, strlen(form), lower, sizeof lower, &len)) return;
  phrase p = {.kind = kind};
  p.words = phrase_split(lower, (int64_t)len, p.hash);
  if (p.words > 1) phrase_add(&p);
  if (p.words == 1) word_add(lower, len, kind);
  if (kind & (PII_TITLE | PII_DOTTED_TITLE | PII_ORG_AFTER | PII_ORG_FRONT))
    g_hash_table_add(lists.exact, hash_key(pii_hash(form, strlen(form))));
}

/* ---- reading ---- */

typedef clio_status line_fn(const char *line, const char *path, int number, error *e);

static clio_status names_line(char *line, uint32_t kind) {
  g_auto(GStrv) names = g_strsplit(line, " ", -1);
  for (char **w = names; *w; w++) {
    if (!**w) continue;
    if (kind == PII_SURNAME && (**w == '-' || **w == '=') && (*w)[1] && (*w)[2])
      ending_add(**w == '-' ? &lists.weak : &lists.strong, *w + 1);
    else
      name_add(*w, kind);
  }
  return CLIO_OK;
}

static clio_status forms_line(char *line, const char *path, int number, error *e) {
  char *colon = strchr(line, ':');
  for (size_t k = 0; colon && k < G_N_ELEMENTS(sections); k++) {
    if (strlen(sections[k].name) != (size_t)(colon - line) ||
        strncmp(sections[k].name, line, (size_t)(colon - line)) != 0)
      continue;
    g_auto(GStrv) forms = g_strsplit(colon + 1, ",", -1);
    for (char **f = forms; *f; f++)
      if (*g_strstrip(*f)) form_add(*f, sections[k].kind);
    return CLIO_OK;
  }
  return error_set(e, CLIO_E_CONFIG, "%s:%d: not 'KIND: form, form' with a known kind", path,
                   number);
}

/* Reads a list file; `kind` 0: forms, else names of that kind. */
static clio_status list_read(const char *dir, const char *name, uint32_t kind, error *e) {
  g_autofree char *path = g_build_filename(dir, "words", name, NULL);
  g_autofree char *all = NULL;
  g_autoptr(GError) failure = NULL;
  if (!g_file_get_contents(path, &all, NULL, &failure))
    return error_set(e, CLIO_E_IO,
                     "cannot read the word list: %s; set CLIO_DATA_PATH to the folder that "
                     "holds words/%s",
                     failure->message, name);
  if (!text_is_utf8(all, (int64_t)strlen(all), NULL))
    return error_set(e, CLIO_E_CONFIG, "%s: not UTF-8", path);
  g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
  clio_status status = CLIO_OK;
  for (int i = 0; status == CLIO_OK && lines[i]; i++) {
    char *line = g_strstrip(lines[i]);
    if (!*line || *line == '#') continue;
    status = kind ? names_line(line, kind) : forms_line(line, path, i + 1, e);
  }
  return status;
}

static gint longer_first(gconstpointer a, gconstpointer b) {
  const char *x = *(char *const *)a, *y = *(char *const *)b;
  size_t m = strlen(x), n = strlen(y);
  return m != n ? (m < n ? 1 : -1) : strcmp(x, y);
}

static void forms_finish(gpointer key, gpointer value, gpointer data) {
  (void)key;
  (void)data;
  g_ptr_array_sort(value, longer_first);
  g_ptr_array_add(value, NULL);
}

clio_status pii_lexicon_load(const char *dir, error *e) {
  lists.exact = g_hash_table_new(NULL, NULL);
  lists.starts = g_hash_table_new(NULL, NULL);
  lists.forms = g_hash_table_new(NULL, NULL);
  lists.weak.ends = g_ptr_array_new();
  lists.strong.ends = g_ptr_array_new();
  lists.streets.ends = g_ptr_array_new();
  clio_status status = list_read(dir, "given-names.txt", PII_GIVEN, e);
  if (status == CLIO_OK) status = list_read(dir, "surnames.txt", PII_SURNAME, e);
  if (status == CLIO_OK) status = list_read(dir, "pii-forms.txt", 0, e);
  g_hash_table_foreach(lists.forms, forms_finish, NULL);
  return status;
}

/* ---- asking ---- */

uint32_t pii_lexicon_word(uint64_t hash) { return words[word_slot(hash)].kinds; }

bool pii_lexicon_exact(const char *word, size_t len) {
  return g_hash_table_contains(lists.exact, hash_key(pii_hash(word, len)));
}

/* Does the word end with one of these of at least `shortest` bytes, and has
 * `before` bytes more? */
static bool ends_with(const char *word, size_t len, const endings *e, size_t shortest,
                      size_t before) {
  if (len < 2) return false;
  unsigned pair = (unsigned)(unsigned char)word[len - 2] << 8 | (unsigned char)word[len - 1];
  if (!(e->last_two[pair >> 6] >> (pair & 63) & 1)) return false;
  for (guint i = 0; i < e->ends->len; i++) {
    const char *end = g_ptr_array_index(e->ends, i);
    size_t n = strlen(end);
    if (n >= shortest && len >= n + before && memcmp(word + len - n, end, n) == 0) return true;
  }
  return false;
}

bool pii_lexicon_surname_end(const char *lower, size_t len, bool alone) {
  return ends_with(lower, len, &lists.strong, 0, 3) ||
         (!alone && ends_with(lower, len, &lists.weak, 0, 3));
}

bool pii_lexicon_street_end(const char *lower, size_t len, size_t shortest) {
  return ends_with(lower, len, &lists.streets, shortest, 2);
}

const char *const *pii_lexicon_forms(uint32_t kind) {
  static const char *const none[] = {NULL};
  GPtrArray *forms = g_hash_table_lookup(lists.forms, GUINT_TO_POINTER(kind));
  return forms ? (const char *const *)forms->pdata : none;
}

char *pii_lexicon_regex(uint32_t kind) {
  GString *out = g_string_new("");
  for (const char *const *form = pii_lexicon_forms(kind); *form; form++) {
    g_autofree char *quoted = g_regex_escape_string(*form, -1);
    g_string_append_printf(out, "%s%s", out->len ? "|" : "", quoted);
  }
  return g_string_free(out, FALSE);
}

/* Does the phrase stand at token i? Its words follow each other with no more
 * than a blank, an apostrophe, a dot or a slash between them. */
static bool phrase_at(const pii_text *t, guint i, const phrase *p) {
  if (i + p->words > t->tokens->len) return false;
  for (guint k = 0; k < p->words; k++) {
    if (PII_TOKEN(t, i + k).hash != p->hash[k]) return false;
    if (k && PII_TOKEN(t, i + k).start - PII_TOKEN(t, i + k - 1).end > 3) return false;
    if (k && PII_TOKEN(t, i + k).marks & PII_T_LINE) return false;
  }
  return true;
}

uint32_t pii_form_at(const pii_text *t, guint i, guint *ret_next) {
  const pii_token *token = &PII_TOKEN(t, i);
  uint32_t kinds = 0;
  *ret_next = i + 1;
  if (!(token->words & PII_STARTS)) return token->words;
  const GArray *phrases = g_hash_table_lookup(lists.starts, hash_key(token->hash));
  for (guint k = 0; k < phrases->len; k++) {
    const phrase *p = &g_array_index(phrases, phrase, k);
    if (kinds && i + p->words < *ret_next) break;
    if (!phrase_at(t, i, p)) continue;
    *ret_next = i + p->words;
    kinds |= p->kind;
  }
  return kinds ? kinds : token->words;
}
