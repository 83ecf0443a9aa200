/* formlist.c - lists of forms of speech; see formlist.h. */
#include "formlist.h"

enum { MAX_WORDS = 12, SKIP = 3 };

/* The word '*'. No real word has this hash, for hash_word() sets the low bit. */
static const uint64_t ANY = 0;

typedef struct form {
  uint64_t word[MAX_WORDS];
  int32_t words;
  uint32_t kind; /* a bit */
} form;

struct formlist {
  form *forms; /* sorted by first word */
  uint64_t count, room;
};

/* FNV-1a. */
static uint64_t hash_word(const char *s, int64_t len) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (int64_t i = 0; i < len; i++) h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
  return h | 1;
}

/* ---- folding ---- */

typedef struct folding {
  clio_call *call;
  const clio_text *text;
  uint64_t *word;
  int64_t count, limit;
} folding;

static clio_status fold_word(void *ctx, const char *word, int64_t len) {
  folding *f = ctx;
  const char *plain;
  int64_t n;
  if (f->count >= f->limit) return CLIO_E_CANCELLED;
  CLIO_TRY(f->text->fold(f->call, word, len, &plain, &n));
  f->word[f->count++] = hash_word(plain, n);
  return CLIO_OK;
}

clio_status formlist_fold(const clio_host *host, clio_call *call, const clio_text *text,
                          clio_span span, int64_t limit, folded *ret) {
  /* A word has a byte at least, and a byte between it and the next may lack. */
  if (limit > span.len) limit = span.len;
  folding f = {call, text, NULL, 0, limit};
  f.word = clio_scratch_array(host, call, (uint64_t)limit + 1, sizeof *f.word);
  if (!f.word) return clio_nomem(host, call);
  clio_status status = text->words(call, span.s, span.len, fold_word, &f);
  if (status == CLIO_E_CANCELLED && f.count >= f.limit) status = CLIO_OK;
  *ret = (folded){f.word, f.count};
  return status;
}

/* ---- reading a list ---- */

static clio_span trim(clio_span s) {
  while (s.len > 0 && strchr(" \t\r", s.s[s.len - 1])) s.len--;
  while (s.len > 0 && strchr(" \t", *s.s)) s.s++, s.len--;
  return s;
}

/* Cuts what stands before `mark` off *rest; all of it if there is none. */
static clio_span cut(clio_span *rest, char mark) {
  const char *at = memchr(rest->s, mark, (size_t)rest->len);
  clio_span first = clio_span_of(rest->s, at ? at - rest->s : rest->len);
  int64_t used = at ? first.len + 1 : first.len;
  *rest = clio_span_of(rest->s + used, rest->len - used);
  return first;
}

/* The words of one form, '*' among them. */
static clio_status form_read(const clio_host *host, clio_call *call, const clio_text *text,
                             clio_span span, form *ret) {
  while (span.len > 0) {
    clio_span part = trim(cut(&span, ' '));
    folded words = {NULL, 0};
    if (part.len == 0) continue;
    if (clio_span_is(part, "*")) {
      if (ret->words < MAX_WORDS && ret->words > 0) ret->word[ret->words++] = ANY;
      continue;
    }
    CLIO_TRY(formlist_fold(host, call, text, part, MAX_WORDS, &words));
    for (int64_t i = 0; i < words.count && ret->words < MAX_WORDS; i++)
      ret->word[ret->words++] = words.word[i];
  }
  return CLIO_OK;
}

static clio_status forms_read(const clio_host *host, clio_call *call, const clio_text *text,
                              clio_span line, uint32_t kind, formlist *list) {
  while (line.len > 0) {
    form f = {.kind = kind};
    CLIO_TRY(form_read(host, call, text, trim(cut(&line, ',')), &f));
    if (f.words == 0) continue;
    if (CLIO_GROW(list->forms, list->room, list->count + 1) != CLIO_OK)
      return clio_nomem(host, call);
    list->forms[list->count++] = f;
  }
  return CLIO_OK;
}

static int32_t kind_of(clio_span name, const char *const *kinds) {
  for (int32_t i = 0; kinds[i]; i++)
    if (clio_span_is(name, kinds[i])) return i;
  return -1;
}

static int by_first_word(const void *a, const void *b) {
  const form *x = a, *y = b;
  return (x->word[0] > y->word[0]) - (x->word[0] < y->word[0]);
}

static clio_status list_read(const clio_host *host, clio_call *call, const clio_text *text,
                             const char *param, const char *source, const char *const *kinds,
                             formlist *list) {
  clio_span rest = clio_span_of(source, (int64_t)strlen(source));
  for (int number = 1; rest.len > 0; number++) {
    clio_span line = trim(cut(&rest, '\n'));
    if (line.len == 0 || *line.s == '#') continue;
    int32_t kind = kind_of(trim(cut(&line, ':')), kinds);
    if (kind < 0)
      return clio_failf(host, call, CLIO_E_CONFIG,
                        "parameter '%s', line %d: it does not begin with a known kind and ':'",
                        param, number);
    CLIO_TRY(forms_read(host, call, text, line, 1u << kind, list));
  }
  if (list->count > 0) qsort(list->forms, list->count, sizeof *list->forms, by_first_word);
  return CLIO_OK;
}

clio_status formlist_new(const clio_host *host, clio_call *call, const clio_text *text,
                         const char *param, const char *list, const char *const *kinds,
                         formlist **ret) {
  formlist *made = calloc(1, sizeof *made);
  if (!made) return clio_nomem(host, call);
  clio_status status = list_read(host, call, text, param, list, kinds, made);
  if (status == CLIO_OK)
    *ret = made;
  else
    formlist_free(made);
  return status;
}

void formlist_free(formlist *list) {
  if (!list) return;
  free(list->forms);
  free(list);
}

/* ---- matching ---- */

/* Does the form's rest, from its word k on, stand at words[i]? */
static int matches(const form *f, int32_t k, const folded *words, int64_t i) {
  if (k == f->words) return 1;
  if (f->word[k] == ANY) {
    for (int64_t skip = 0; skip <= SKIP && i + skip <= words->count; skip++)
      if (matches(f, k + 1, words, i + skip)) return 1;
    return 0;
  }
  return i < words->count && words->word[i] == f->word[k] && matches(f, k + 1, words, i + 1);
}

static uint64_t first_with(const formlist *list, uint64_t word) {
  uint64_t low = 0, high = list->count;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (list->forms[middle].word[0] < word)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

uint32_t formlist_match(const formlist *list, const folded *words, uint32_t *ret_front) {
  uint32_t found = 0, front = 0;
  int opened = 0; /* the first word is a form by itself */
  for (int64_t i = 0; i < words->count; i++) {
    int at_front = i == 0 || (i == 1 && opened);
    uint64_t k = first_with(list, words->word[i]);
    for (; k < list->count && list->forms[k].word[0] == words->word[i]; k++) {
      const form *f = &list->forms[k];
      if (found & f->kind && (!at_front || front & f->kind)) continue;
      if (!matches(f, 0, words, i)) continue;
      found |= f->kind;
      if (at_front) front |= f->kind;
      opened = opened || (i == 0 && f->words == 1);
    }
  }
  if (ret_front) *ret_front = front;
  return found;
}
