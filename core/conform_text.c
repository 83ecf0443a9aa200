/* conform_text.c - the core's clio.text/1 for a stage on the SDK's bench: the same
 * functions that runs use, with the bench's scratch memory. Each row is an account of
 * its own, and 10 accounts are asked of a word. */
#include "conform.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "clio_test.h"
#include "pii.h"
#include "text.h"
#include "util.h"
#include "words.h"

static words_lists *lists;

static clio_status give(clio_call *call, char *text, int64_t len, const char **ret,
                        int64_t *ret_len) {
  char *copy = text ? clio_test_host()->scratch(call, (uint64_t)len + 1) : NULL;
  if (copy) {
    memcpy(copy, text, (size_t)len);
    *ret = copy;
    *ret_len = len;
  }
  g_free(text);
  return copy ? CLIO_OK : CLIO_E_NOMEM;
}

static clio_status service_words(clio_call *call, const char *utf8, int64_t len,
                                 clio_status (*fn)(void *ctx, const char *word, int64_t len),
                                 void *ctx) {
  (void)call;
  return text_words(utf8, len, fn, ctx);
}

static clio_status service_fold(clio_call *call, const char *word, int64_t len, const char **ret,
                                int64_t *ret_len) {
  char *folded = text_fold(word, len);
  return give(call, folded, (int64_t)strlen(folded), ret, ret_len);
}

static clio_status service_redact(clio_call *call, const char *utf8, int64_t len, const char **ret,
                                  int64_t *ret_len) {
  int64_t n;
  char *clean = pii_redact(utf8, len, &n);
  return give(call, clean, n, ret, ret_len);
}

static clio_status
service_pii(clio_call *call, const char *utf8, int64_t len,
            clio_status (*fn)(void *ctx, uint32_t kind, int64_t start, int64_t end), void *ctx) {
  (void)call;
  return pii_scan(utf8, len, fn, ctx);
}

static uint64_t service_simhash(clio_call *call, const char *utf8, int64_t len) {
  (void)call;
  return text_simhash(utf8, len);
}

/* The members' texts as words.h wants them; every row its own account. What the index borrows. */
typedef struct member_texts {
  size_t count;
  const char **text;
  int64_t *len;
  uint64_t *account;
} member_texts;

static bool read_members(const clio_members *members, member_texts *m) {
  const clio_host *host = clio_test_host();
  clio_view view;
  if (host->view(members->table, members->text_column, &view, sizeof view) != CLIO_OK) return false;
  *m = (member_texts){.count = host->rows(members->table)};
  m->text = g_new0(const char *, m->count + 1);
  m->len = g_new0(int64_t, m->count + 1);
  m->account = g_new0(uint64_t, m->count + 1);
  for (size_t i = 0; i < m->count; i++) {
    m->account[i] = i + 1;
    if (view.valid && !(view.valid[i >> 3] >> (i & 7) & 1)) continue;
    m->text[i] = (const char *)view.data + view.offsets[i];
    m->len[i] = view.offsets[i + 1] - view.offsets[i];
  }
  return true;
}

static clio_status service_rule(clio_call *call, const clio_members *members, int32_t is_name,
                                const char *utf8, int64_t len, const char **ret_reason) {
  (void)call;
  member_texts m;
  if (!read_members(members, &m)) return CLIO_E_INTERNAL;
  g_autofree char *text = g_strndup(utf8, (gsize)len);
  g_autofree uint32_t *rows = g_new(uint32_t, members->count + 1);
  for (uint64_t i = 0; i < members->count; i++) rows[i] = (uint32_t)members->rows[i];
  words_rule rule = {.accounts = 10, .organizations = 1, .max_words = is_name ? 10 : 60};
  words_index *index = words_index_new(m.count, m.text, m.len, m.account, m.account);
  *ret_reason = words_check(index, lists, &rule, rows, members->count, text);
  words_index_free(index);
  g_free(m.text);
  g_free(m.len);
  g_free(m.account);
  return CLIO_OK;
}

static int32_t service_frame(clio_call *call, const char *folded, int64_t len) {
  (void)call;
  g_autofree char *word = g_strndup(folded, (gsize)len);
  return words_is_frame(lists, word);
}

const clio_text *conform_text(error *e) {
  static const clio_text table = {.struct_size = sizeof table,
                                  .words = service_words,
                                  .fold = service_fold,
                                  .redact = service_redact,
                                  .pii = service_pii,
                                  .simhash = service_simhash,
                                  .rule = service_rule,
                                  .frame = service_frame};
  g_autofree char *dir = g_build_filename(data_dir(), "words", NULL);
  if (pii_init(e) == CLIO_OK && (lists || words_lists_load(dir, &lists, e) == CLIO_OK))
    return &table;
  return NULL;
}
