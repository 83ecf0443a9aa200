/* pii.c - runs the parts of the scanner over a text and puts what they find in
 * order; see pii.h and pii_parts.h. */
#include <string.h>

#include "pii_parts.h"
#include "text.h"
#include "util.h"

/* A pattern gives up after so many steps; on the windows it is given none of
 * ours comes near. */
enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_LIMIT_KIB = 2048 };

static const char *const kind_names[] = {
    [CLIO_PII_EMAIL] = "email",     [CLIO_PII_PHONE] = "phone",   [CLIO_PII_CARD] = "card",
    [CLIO_PII_IBAN] = "iban",       [CLIO_PII_IP] = "ip",         [CLIO_PII_URL] = "url",
    [CLIO_PII_HANDLE] = "handle",   [CLIO_PII_KEY] = "key",       [CLIO_PII_ID] = "id",
    [CLIO_PII_ADDRESS] = "address", [CLIO_PII_PERSON] = "person", [CLIO_PII_ORG] = "organization",
    [CLIO_PII_NUMBER] = "number",
};

/* Kinds from the most telling to the least: what overlapping finds become. */
static const uint8_t rank_of[] = {
    [CLIO_PII_KEY] = 1,     [CLIO_PII_EMAIL] = 2,    [CLIO_PII_CARD] = 3,    [CLIO_PII_IBAN] = 4,
    [CLIO_PII_ID] = 5,      [CLIO_PII_PHONE] = 6,    [CLIO_PII_IP] = 7,      [CLIO_PII_HANDLE] = 8,
    [CLIO_PII_URL] = 9,     [CLIO_PII_ADDRESS] = 10, [CLIO_PII_PERSON] = 11, [CLIO_PII_ORG] = 12,
    [CLIO_PII_NUMBER] = 13,
};

const char *pii_kind_name(uint32_t kind) {
  return kind >= CLIO_PII_EMAIL && kind <= CLIO_PII_NUMBER ? kind_names[kind] : "data";
}

/* ---- start ---- */

static clio_status init_once(error *e) {
  pii_tokens_init();
  clio_status status = pii_lexicon_load(data_dir(), e);
  if (status == CLIO_OK) status = pii_shapes_init(e);
  if (status == CLIO_OK) status = pii_names_init(e);
  if (status == CLIO_OK) status = pii_places_init(e);
  return status;
}

clio_status pii_init(error *e) {
  static gsize done;
  static error why;
  if (g_once_init_enter(&done)) {
    init_once(&why);
    g_once_init_leave(&done, 1);
  }
  return why.status == CLIO_OK ? CLIO_OK : error_set(e, why.status, "%s", why.text);
}

clio_status pii_compile(const char *pattern, uint32_t options, pcre2_code **ret, error *e) {
  int code;
  PCRE2_SIZE offset;
  *ret = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                       options | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &offset, NULL);
  if (!*ret)
    return error_set(e, CLIO_E_INTERNAL, "pattern '%s': error %d at byte %zu", pattern, code,
                     offset);
  pcre2_jit_compile(*ret, PCRE2_JIT_COMPLETE); /* without JIT it is only slower */
  return CLIO_OK;
}

bool pii_match(pii_text *t, const pcre2_code *code, int64_t from, int64_t to, bool anchored,
               int64_t *ret_start, int64_t *ret_end) {
  if (to > t->len) to = t->len;
  if (from >= to) return false;
  /* Lookbehinds see what stands before `from`: start a little earlier. */
  int64_t base = MAX(0, from - 8);
  int rc =
      pcre2_match(code, (PCRE2_SPTR)(t->s + base), (PCRE2_SIZE)(to - base),
                  (PCRE2_SIZE)(from - base), anchored ? PCRE2_ANCHORED : 0, t->match, t->limits);
  if (rc < 0) return false;
  const PCRE2_SIZE *range = pcre2_get_ovector_pointer(t->match);
  *ret_start = base + (int64_t)range[0];
  *ret_end = base + (int64_t)range[1];
  return *ret_end > *ret_start;
}

/* ---- one scan ---- */

void pii_add(pii_text *t, uint32_t kind, int64_t start, int64_t end) {
  pii_find find = {start, end, kind};
  if (end > start) g_array_append_val(t->finds, find);
}

static void text_free(gpointer data) {
  pii_text *t = data;
  g_array_free(t->tokens, TRUE);
  g_array_free(t->finds, TRUE);
  pcre2_match_data_free(t->match);
  pcre2_match_context_free(t->limits);
  if (t->stack) pcre2_jit_stack_free(t->stack);
  if (t->prefilter) pii_prefilter_free(t->prefilter);
  g_free(t);
}

static GPrivate text_key = G_PRIVATE_INIT(text_free);

static pii_text *text_new(void) {
  pii_text *t = g_new0(pii_text, 1);
  t->tokens = g_array_new(FALSE, FALSE, sizeof(pii_token));
  t->finds = g_array_new(FALSE, FALSE, sizeof(pii_find));
  t->match = pcre2_match_data_create(16, NULL);
  t->limits = pcre2_match_context_create(NULL);
  t->stack = pcre2_jit_stack_create(32 * 1024, 512 * 1024, NULL);
  pcre2_set_match_limit(t->limits, MATCH_LIMIT);
  pcre2_set_depth_limit(t->limits, DEPTH_LIMIT);
  pcre2_set_heap_limit(t->limits, HEAP_LIMIT_KIB);
  if (t->stack) pcre2_jit_stack_assign(t->limits, NULL, t->stack);
  return t;
}

static gint by_place(gconstpointer a, gconstpointer b) {
  const pii_find *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  if (x->kind != y->kind) return rank_of[x->kind] < rank_of[y->kind] ? -1 : 1;
  return x->end < y->end ? 1 : -1;
}

/* Sorts the finds and makes one of those that overlap: all their bytes, with
 * the most telling kind. */
static void finds_merge(pii_text *t) {
  guint kept = 0;
  g_array_sort(t->finds, by_place);
  for (guint i = 0; i < t->finds->len; i++) {
    pii_find find = g_array_index(t->finds, pii_find, i);
    pii_find *last = kept ? &g_array_index(t->finds, pii_find, kept - 1) : NULL;
    if (!last || find.start >= last->end) {
      g_array_index(t->finds, pii_find, kept++) = find;
      continue;
    }
    last->end = MAX(last->end, find.end);
    if (rank_of[find.kind] < rank_of[last->kind]) last->kind = find.kind;
  }
  g_array_set_size(t->finds, kept);
}

/* Marks the tokens inside what has been found, for the later parts. */
static void tokens_take(pii_text *t) {
  finds_merge(t);
  guint k = 0;
  for (guint i = 0; i < t->tokens->len; i++) {
    pii_token *token = &PII_TOKEN(t, i);
    while (k < t->finds->len && g_array_index(t->finds, pii_find, k).end <= token->start) k++;
    if (k == t->finds->len) return;
    const pii_find *find = &g_array_index(t->finds, pii_find, k);
    if (find->start < token->end && find->kind != CLIO_PII_NUMBER) token->marks |= PII_T_TAKEN;
  }
}

/* Digits of other scripts: runs of four or more, as in ASCII. */
static void foreign_digits(pii_text *t) {
  for (guint i = 0; i < t->tokens->len; i++) {
    const pii_token *token = &PII_TOKEN(t, i);
    if (token->marks & PII_T_DIGIT && t->s[token->start] & 0x80 &&
        text_digit_run(t->s + token->start, token->end - token->start) >= 4)
      pii_add(t, CLIO_PII_NUMBER, token->start, token->end);
  }
}

static void text_scan(pii_text *t, const char *utf8, int64_t len) {
  t->s = utf8;
  t->len = len;
  g_array_set_size(t->finds, 0);
  pii_tokenize(t);
  pii_shapes(t);
  tokens_take(t);
  foreign_digits(t);
  pii_places(t);
  pii_names(t);
  finds_merge(t);
}

clio_status pii_scan(const char *utf8, int64_t len, pii_fn *fn, void *ctx) {
  clio_status status = pii_init(NULL);
  if (status != CLIO_OK) return status;
  pii_text *t = g_private_get(&text_key);
  g_private_set(&text_key, NULL); /* fn may scan another text */
  if (!t) t = text_new();
  text_scan(t, utf8, len);
  for (guint i = 0; status == CLIO_OK && i < t->finds->len; i++) {
    const pii_find *find = &g_array_index(t->finds, pii_find, i);
    status = fn(ctx, find->kind, find->start, find->end);
  }
  if (g_private_get(&text_key))
    text_free(t);
  else
    g_private_set(&text_key, t);
  return status;
}

/* ---- redaction ---- */

typedef struct redaction {
  GString *out;
  const char *text;
  int64_t done;
} redaction;

static clio_status redact_find(void *ctx, uint32_t kind, int64_t start, int64_t end) {
  redaction *r = ctx;
  g_string_append_len(r->out, r->text + r->done, start - r->done);
  g_string_append_printf(r->out, "[%s]", pii_kind_name(kind));
  r->done = end;
  return CLIO_OK;
}

char *pii_redact(const char *utf8, int64_t len, int64_t *ret_len) {
  redaction r = {.out = g_string_sized_new((gsize)len + 16), .text = utf8};
  if (pii_scan(utf8, len, redact_find, &r) != CLIO_OK) {
    g_string_free(r.out, TRUE);
    *ret_len = 0;
    return NULL;
  }
  g_string_append_len(r.out, utf8 + r.done, len - r.done);
  *ret_len = (int64_t)r.out->len;
  return g_string_free(r.out, FALSE);
}
