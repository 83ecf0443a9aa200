/* test_lsa.c - embedder/lsa: texts that share words lie close, nulls stay null,
 * the singular values are LAPACK's, and the same bytes from any number of
 * threads. Its words are cut at spaces; ICU's are tested where ICU is. */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <lapacke.h>

#include "numeric_rows.h"
#include "svd.h"
#include "terms.h"

extern const clio_plugin clio_plugin_v0_embedder_lsa;

/* ---- a clio.text/1 that cuts at spaces and folds to lower case ---- */

static clio_status words_at_spaces(clio_call *call, const char *utf8, int64_t len,
                                   clio_status (*fn)(void *, const char *, int64_t), void *ctx) {
  (void)call;
  for (int64_t i = 0, start = 0; i <= len; i++) {
    if (i < len && utf8[i] != ' ') continue;
    if (i > start) CLIO_TRY(fn(ctx, utf8 + start, i - start));
    start = i + 1;
  }
  return CLIO_OK;
}

static clio_status fold_to_lower(clio_call *call, const char *word, int64_t len, const char **ret,
                                 int64_t *ret_len) {
  char *folded = clio_test_host()->scratch(call, (uint64_t)len);
  if (!folded) return clio_nomem(clio_test_host(), call);
  for (int64_t i = 0; i < len; i++) folded[i] = (char)tolower((unsigned char)word[i]);
  *ret = folded;
  *ret_len = len;
  return CLIO_OK;
}

static int32_t frame_is_the(clio_call *call, const char *folded, int64_t len) {
  (void)call;
  return len == 3 && memcmp(folded, "the", 3) == 0;
}

static const clio_text spaces = {.struct_size = sizeof spaces,
                                 .words = words_at_spaces,
                                 .fold = fold_to_lower,
                                 .frame = frame_is_the};

static clio_test *open_lsa(const char *rows) {
  clio_test *t = clio_test_open(clio_plugin_v0_embedder_lsa.stages[0]);
  clio_test_service(t, CLIO_TEXT_ID, &spaces);
  clio_test_rows(t, "conversations", "request:utf8? task:utf8?", rows);
  return t;
}

static double cosine(const clio_view *v, uint64_t a, uint64_t b) {
  double dot = 0;
  for (uint32_t i = 0; i < v->dim; i++)
    dot += (double)clio_vec(v, a)[i] * (double)clio_vec(v, b)[i];
  return dot;
}

static const char few[] = "[{\"request\":\"bake bread dough\"},{\"request\":\"BAKE bread oven\"},"
                          "{\"request\":\"sort array code\"},{},{\"request\":\"code array index\"},"
                          "{\"request\":\"\"},{\"request\":\"bake bread dough\"}]";

static void test_close(void) {
  clio_test *t = open_lsa(few);
  clio_test_param(t, "dim", "2");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_planned(t, "conversations", "vector"), "vector:vec2?<request");
  clio_view v = rows_view(t, "conversations", "vector");
  CHECK(v.rows == 7 && v.dim == 2);
  CHECK(!clio_valid(&v, 3) && !clio_valid(&v, 5));
  for (uint64_t i = 0; i < 7; i++)
    if (clio_valid(&v, i)) CHECK(fabs(cosine(&v, i, i) - 1) < 1e-5);
  CHECK(cosine(&v, 0, 1) > 0.95 && cosine(&v, 2, 4) > 0.95 && cosine(&v, 0, 6) > 0.9999);
  CHECK(fabs(cosine(&v, 0, 2)) < 0.05 && fabs(cosine(&v, 1, 4)) < 0.05);
  clio_test_close(t);
}

/* Words alone: no term in common, no cosine; dim past the rank is padded. */
static void test_padded(void) {
  clio_test *t = open_lsa(few);
  clio_test_param(t, "dim", "64");
  clio_test_param(t, "chars", "0");
  CHECK_RUN(t);
  clio_view v = rows_view(t, "conversations", "vector");
  CHECK(v.dim == 64);
  CHECK(fabs(cosine(&v, 0, 2)) < 1e-5 && cosine(&v, 0, 1) > 0.3 && cosine(&v, 0, 1) < 0.9);
  for (uint32_t i = 16; i < 64; i++) CHECK(clio_vec(&v, 0)[i] == 0);
  clio_test_close(t);
}

/* Function words do not count, unless a text has no others or they are asked for. */
static void test_function_words(void) {
  clio_test *t = open_lsa("[{\"request\":\"the bread\"},{\"request\":\"THE array\"},"
                          "{\"request\":\"the the\"},{\"request\":\"bread\"}]");
  CHECK_RUN(t);
  clio_view v = rows_view(t, "conversations", "vector");
  CHECK(clio_valid(&v, 2) && fabs(cosine(&v, 2, 2) - 1) < 1e-5);
  CHECK(fabs(cosine(&v, 0, 1)) < 1e-5 && fabs(cosine(&v, 0, 2)) < 1e-5);
  CHECK(fabs(cosine(&v, 0, 3) - 1) < 1e-5);
  clio_test_param(t, "function_words", "true");
  CHECK_RUN(t);
  v = rows_view(t, "conversations", "vector");
  CHECK(cosine(&v, 0, 1) > 0.1 && cosine(&v, 0, 2) > 0.1 && cosine(&v, 0, 3) < 0.99);
  clio_test_close(t);
}

static void test_empty(void) {
  static const char *const rows[] = {"[]", "[{}]", "[{\"request\":\"\"},{}]"};
  for (int i = 0; i < 3; i++) {
    clio_test *t = open_lsa(rows[i]);
    CHECK_RUN(t);
    clio_view v = rows_view(t, "conversations", "vector");
    for (uint64_t row = 0; row < v.rows; row++) CHECK(!clio_valid(&v, row));
    clio_test_close(t);
  }
  clio_test *t = open_lsa("[{\"request\":\"one\"}]");
  CHECK_RUN(t);
  clio_view v = rows_view(t, "conversations", "vector");
  CHECK(clio_valid(&v, 0) && fabs(fabs((double)clio_vec(&v, 0)[0]) - 1) < 1e-5);
  clio_test_close(t);
}

static void test_params(void) {
  clio_test *t = open_lsa(few);
  clio_test_param(t, "column", "\"task\"");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_planned(t, "conversations", "vector"), "vector:vec128?<task");
  clio_test_param(t, "chars_from", "6");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "chars_from is 6, more than chars_to, which is 5");
  clio_test_param(t, "chars_from", NULL);
  clio_test_rows(t, "conversations", "task:i64", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "column 'task' is not a text column; embed one, such as 'request'");
  clio_test_close(t);
}

/* Texts of made-up words, `count` of them. */
static rows_text made_up(int count, int words, uint64_t seed) {
  rows_text r = {0};
  for (int i = 0; i < count; i++) {
    rows_next(&r);
    rows_printf(&r, "{\"request\":\"");
    for (int j = 0; j < 6; j++) {
      double u = rows_random(&seed);
      rows_printf(&r, "%sw%dx%d", j ? " " : "", (int)(u * u * words), (int)(u * u * words * 7) % 9);
    }
    rows_printf(&r, "\"}");
  }
  rows_end(&r);
  return r;
}

static void test_threads(void) {
  rows_text r = made_up(3000, 500, 3);
  clio_test *t = open_lsa(r.text);
  char *first = NULL;
  clio_test_param(t, "dim", "24");
  for (uint32_t threads = 0; threads < 4; threads++) {
    clio_test_threads(t, threads);
    CHECK_RUN(t);
    const char *now = clio_test_json(t, "conversations", "vector");
    if (!first) first = strdup(now);
    CHECK(strcmp(first, now) == 0);
  }
  free(first);
  clio_test_close(t);
  free(r.text);
}

static void test_torture(void) {
  clio_test *t = open_lsa(few);
  clio_test_param(t, "dim", "3");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_fail_alloc(t, 0);
  clio_test_cancel_after(t, 10);
  CHECK(clio_test_run(t) == CLIO_E_CANCELLED);
  clio_test_close(t);
}

/* ---- the decomposition against LAPACK's ---- */

/* A host of its own: only memory and random numbers are asked for. */
static void *kept[4096];
static int kept_count;
static void *plain_scratch(clio_call *call, uint64_t bytes) {
  (void)call;
  void *memory = calloc(1, bytes);
  if (kept_count == 4096 || !memory) abort();
  return kept[kept_count++] = memory;
}
static int32_t never(clio_call *call) {
  (void)call;
  return 0;
}
static void no_progress(clio_call *call, uint64_t done, uint64_t total) {
  (void)call, (void)done, (void)total;
}
static const void *no_service(clio_call *call, const char *id) {
  (void)call, (void)id;
  return NULL;
}
static uint64_t plain_random(clio_call *call, uint64_t key) {
  (void)call;
  uint64_t state = key, low = (uint64_t)(rows_random(&state) * 4294967296.0);
  return low | (uint64_t)(rows_random(&state) * 4294967296.0) << 32;
}
static const clio_host plain = {.struct_size = sizeof plain,
                                .scratch = plain_scratch,
                                .cancelled = never,
                                .progress = no_progress,
                                .service = no_service,
                                .random = plain_random};

enum { SVD_ROWS = 120, SVD_COLUMNS = 80, SVD_DIM = 20 };

/* A sparse matrix whose columns weigh less and less, and the same dense. */
static sparse random_sparse(double *dense) {
  static uint64_t start[SVD_ROWS + 1];
  static uint32_t column[SVD_ROWS * SVD_COLUMNS];
  static float value[SVD_ROWS * SVD_COLUMNS];
  uint64_t seed = 11, at = 0;
  for (int r = 0; r < SVD_ROWS; r++) {
    for (uint32_t c = 0; c < SVD_COLUMNS; c++) {
      if (rows_random(&seed) > 0.2) continue;
      column[at] = c;
      value[at] = (float)(rows_random(&seed) / (1 + 0.1 * c));
      dense[r * SVD_COLUMNS + (int)c] = (double)value[at++];
    }
    start[r + 1] = at;
  }
  return (sparse){SVD_ROWS, SVD_COLUMNS, start, column, value};
}

/* Cosines between rows of U S: what is kept of the matrix must agree too. */
static void check_products(const float *us, const double *u, const double *s) {
  for (int a = 0; a < SVD_ROWS; a += 7)
    for (int b = 0; b < SVD_ROWS; b += 5) {
      double got = 0, want = 0;
      for (int j = 0; j < SVD_DIM; j++) {
        got += (double)us[a * SVD_DIM + j] * (double)us[b * SVD_DIM + j];
        want += u[a * SVD_COLUMNS + j] * s[j] * u[b * SVD_COLUMNS + j] * s[j];
      }
      CHECK(fabs(got - want) < 2e-2);
    }
}

static void test_svd(void) {
  static double dense[SVD_ROWS * SVD_COLUMNS], u[SVD_ROWS * SVD_COLUMNS], vt[1];
  static float us[SVD_ROWS * SVD_COLUMNS];
  double s[SVD_COLUMNS], super[SVD_COLUMNS], got[SVD_COLUMNS];
  uint64_t key[SVD_COLUMNS];
  work w;
  for (uint64_t j = 0; j < SVD_COLUMNS; j++) key[j] = j * 77 + 5;
  work_init(&w, &plain, NULL);
  sparse m = random_sparse(dense);
  svd_options o = {.dim = SVD_DIM, .oversample = 10, .iterations = 6, .key = key};
  CHECK(svd_left(&w, &m, &o, us, got) == CLIO_OK);
  CHECK(LAPACKE_dgesvd(LAPACK_ROW_MAJOR, 'S', 'N', SVD_ROWS, SVD_COLUMNS, dense, SVD_COLUMNS, s, u,
                       SVD_COLUMNS, vt, SVD_COLUMNS, super) == 0);
  for (int j = 0; j < SVD_DIM; j++) CHECK(fabs(got[j] - s[j]) < (j < 12 ? 1e-3 : 2e-2) * s[j]);
  check_products(us, u, s);
  o = (svd_options){.dim = SVD_COLUMNS, .oversample = 10, .iterations = 2, .key = key};
  CHECK(svd_left(&w, &m, &o, us, got) == CLIO_OK);
  for (int j = 0; j < SVD_COLUMNS; j++) CHECK(fabs(got[j] - s[j]) < 1e-4 * s[0]);
  while (kept_count > 0) free(kept[--kept_count]);
}

int main(void) {
  test_close();
  test_padded();
  test_function_words();
  test_empty();
  test_params();
  test_threads();
  test_torture();
  test_svd();
  return CHECK_DONE();
}
