/* test_use.c - embedder/use and embedder/blend on the bench: the reader of model
 * files and the tokenizer on files made here (always); vectors against those of
 * TensorFlow.js (use-parity.tsv) where the model is built, else skipped. */
#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "clio_test.h"
#include "clio_util.h"
#include "model.h"
#include "pieces.h"
#include "text_service.h"
#include "use.h"

enum { ROWS = 128, LINE = 8192, MUTANTS = 400, SKIPPED = 77 };

/* ---- a model file made here: weights of zero, a few pieces ---- */

static const char *const made_pieces[] = {
    "\357\277\275", "<s>", "</s>",          "e1", "e2", "e3", "a", "b", "ab", "abc",
    "\342\226\201", "c",   "\342\226\201a", "xyz"};
static const double made_scores[] = {0, 0, 0, 0, 0, 0, -3, -3, -4.5, -9, -2, -3.5, -4, -5};
enum { PIECES = sizeof made_pieces / sizeof *made_pieces };

static uint64_t aligned(uint64_t at) { return (at + MODEL_ALIGN - 1) / MODEL_ALIGN * MODEL_ALIGN; }

static unsigned char *make_model(uint64_t *ret_size) {
  model_head h = {.magic = MODEL_MAGIC, .version = MODEL_VERSION, .pieces = PIECES};
  uint64_t at = aligned(sizeof h);
  uint32_t start[PIECES + 1] = {0};
  for (int i = 0; i < MODEL_TENSORS; i++) {
    h.tensor[i] = at;
    at = aligned(at + 4ull * model_tensors[i].rows * model_tensors[i].columns);
  }
  for (int i = 0; i < PIECES; i++) start[i + 1] = start[i] + (uint32_t)strlen(made_pieces[i]);
  h.scores = at;
  h.starts = aligned(h.scores + sizeof made_scores);
  h.text = h.starts + sizeof start;
  h.text_bytes = start[PIECES];
  h.bytes = h.text + h.text_bytes;
  unsigned char *file = aligned_alloc(MODEL_ALIGN, aligned(h.bytes));
  if (!file) return NULL;
  memset(file, 0, aligned(h.bytes));
  memcpy(file, &h, sizeof h);
  memcpy(file + h.scores, made_scores, sizeof made_scores);
  memcpy(file + h.starts, start, sizeof start);
  for (int i = 0; i < PIECES; i++)
    memcpy(file + h.text + start[i], made_pieces[i], start[i + 1] - start[i]);
  *ret_size = h.bytes;
  return file;
}

static void test_tokens(const model *m) {
  static const struct {
    const char *text;
    int32_t ids[8];
    uint32_t n;
  } cases[] = {
      {"", {0}, 0},          {"a", {12}, 1},            /* _a */
      {"ab", {10, 8}, 2},                               /* -2 -4.5 beats -4 -3 */
      {" a", {10, 12}, 2},                              /* a space is a mark, one more in front */
      {"b", {10, 7}, 2},     {"?", {10, 0}, 2},         /* unknown */
      {"???\n", {10, 0}, 2},                            /* a run of them is one */
      {"?a", {10, 0, 6}, 3}, {"\357\275\201", {12}, 1}, /* NFKC: a full-width a */
      {"xyz", {10, 0}, 2},  /* y and z begin no piece and cost nothing, from a place none ends at */
      {"\377", {10, 0}, 2}, /* no UTF-8 */
  };
  const char *why = NULL;
  int32_t ids[MODEL_TOKENS];
  pieces *p = pieces_new(m, &why);
  pieces_room *r = malloc(pieces_room_bytes());
  CHECK(p && r);
  for (size_t i = 0; p && r && i < sizeof cases / sizeof *cases; i++) {
    uint32_t n = pieces_encode(p, r, cases[i].text, (int64_t)strlen(cases[i].text), ids);
    bool same = n == cases[i].n && memcmp(ids, cases[i].ids, n * sizeof *ids) == 0;
    CHECK(same);
    if (!same) fprintf(stderr, "  in case %zu\n", i);
  }
  char *many = malloc(100000);
  for (int i = 0; many && i < 100000; i++) many[i] = "ab"[i % 2];
  CHECK(p && r && many && pieces_encode(p, r, many, 100000, ids) == MODEL_TOKENS);
  free(many);
  free(r);
  pieces_free(p);
}

/* Every damage of the head is seen, or leaves a file that can be used. */
static void test_mutants(unsigned char *file, uint64_t size) {
  uint64_t state = 1, refused = 0;
  for (int i = 0; i < MUTANTS; i++) {
    model m;
    const char *why = NULL;
    model_head saved;
    memcpy(&saved, file, sizeof saved);
    for (int k = 0; k < 1 + i % 3; k++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      uint64_t at = (state >> 33) % offsetof(model_head, origin);
      file[at] = (unsigned char)(state >> 20);
    }
    uint64_t told = i % 7 ? size : size - (state >> 40) % size;
    why = model_read(file, told, &m);
    if (why) refused++;
    pieces *p = why ? NULL : pieces_new(&m, &why);
    pieces_free(p);
    memcpy(file, &saved, sizeof saved);
  }
  CHECK(refused > MUTANTS / 2);
}

static void test_reader(void) {
  uint64_t size = 0;
  model m;
  unsigned char *file = make_model(&size);
  const char *why = file ? model_read(file, size, &m) : "no memory";
  CHECK_TEXT(why ? why : "", "");
  if (!why) test_tokens(&m);
  if (file) test_mutants(file, size);
  model_head *h = (model_head *)(void *)file;
  if (file) {
    float *weight = (float *)(void *)(file + h->tensor[MODEL_TANH]);
    *weight = NAN;
    why = model_read(file, size, &m);
    CHECK_TEXT(why, "a tensor holds what is no number");
    *weight = 0;
    uint32_t *starts = (uint32_t *)(void *)(file + h->starts);
    starts[3] = 1u << 30;
    CHECK_TEXT(model_read(file, size, &m), "a piece of its vocabulary is broken");
  }
  free(file);
}

/* ---- with the model ---- */

typedef struct fixture {
  char text[ROWS][LINE];
  float vector[ROWS][MODEL_DIM];
  int n;
} fixture;

static int digit64(char c) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = c ? strchr(digits, c) : NULL;
  return at ? (int)(at - digits) : -1;
}

/* 512 int16, little-endian, in base64. */
static int read_vector(const char *text, float *ret) {
  unsigned char bytes[2 * MODEL_DIM + 3];
  size_t used = 0;
  uint32_t bits = 0;
  int have = 0;
  for (; digit64(*text) >= 0 && used < sizeof bytes; text++) {
    bits = bits << 6 | (uint32_t)digit64(*text);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes[used++] = (unsigned char)(bits >> have);
  }
  for (int i = 0; i < MODEL_DIM; i++)
    ret[i] = (float)(int16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8) / 32767.0f;
  return used == 2 * MODEL_DIM;
}

static int read_fixture(fixture *f) {
  char path[4096];
  static char line[LINE * 2];
  snprintf(path, sizeof path, "%s/tests/stage/use-parity.tsv", getenv("CLIO_SRC"));
  FILE *file = fopen(path, "r");
  while (file && f->n < ROWS && fgets(line, sizeof line, file)) {
    char *tab = strrchr(line, '\t');
    if (!tab || tab - line >= LINE || !read_vector(tab + 1, f->vector[f->n])) break;
    memcpy(f->text[f->n], line, (size_t)(tab - line));
    f->text[f->n++][tab - line] = '\0';
  }
  if (file) fclose(file);
  return f->n;
}

/* The texts as JSON rows, in falling order when `turned`. */
static char *json_rows(const fixture *f, bool turned) {
  struct json_object *rows = json_object_new_array();
  for (int i = 0; i < f->n; i++) {
    struct json_object *row = json_object_new_object();
    const char *text = f->text[turned ? f->n - 1 - i : i];
    json_object_object_add(row, "request", json_object_new_string(text));
    json_object_array_add(rows, row);
  }
  char *json = strdup(json_object_to_json_string(rows));
  json_object_put(rows);
  return json;
}

static clio_test *open_stage(const clio_stage *stage, const char *rows) {
  clio_test *t = clio_test_open(stage);
  clio_test_assets(t, getenv("CLIO_DATA_PATH"));
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  clio_test_rows(t, "conversations", "request:utf8? language:utf8?", rows);
  return t;
}

static clio_view vectors_of(clio_test *t) {
  clio_view view = {0};
  CHECK_RUN(t);
  const clio_table *out = clio_test_out(t, "conversations");
  CHECK(out && clio_look(clio_test_host(), out, "vector", CLIO_T_VEC, &view));
  return view;
}

static double cosine(const float *a, const float *b) {
  double ab = 0, aa = 0, bb = 0;
  for (int i = 0; i < MODEL_DIM; i++) {
    ab += (double)a[i] * (double)b[i];
    aa += (double)a[i] * (double)a[i];
    bb += (double)b[i] * (double)b[i];
  }
  return ab / sqrt(aa * bb);
}

static void test_parity(const fixture *f, const clio_view *view) {
  for (int i = 0; i < f->n; i++) {
    const float *x = clio_vec(view, (uint64_t)i);
    bool close = x && cosine(x, f->vector[i]) > 0.999999;
    CHECK(close);
    if (!close) fprintf(stderr, "  in line %d of use-parity.tsv\n", i + 1);
  }
}

/* A row's bits do not depend on the rows beside it, their order, or the batch. */
static void test_alone(const fixture *f, const clio_view *view) {
  static const uint64_t batches[] = {1, 7, 1024};
  char *turned = json_rows(f, true);
  for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
    clio_test *t = open_stage(&use_stage, turned);
    clio_test_batch(t, batches[b]);
    clio_view other = vectors_of(t);
    for (int i = 0; i < f->n && other.rows == (uint64_t)f->n; i++) {
      const float *x = clio_vec(view, (uint64_t)i);
      const float *y = clio_vec(&other, (uint64_t)(f->n - 1 - i));
      CHECK(x && y && memcmp(x, y, MODEL_DIM * sizeof *x) == 0);
    }
    CHECK(other.rows == (uint64_t)f->n);
    clio_test_close(t);
  }
  free(turned);
}

static void test_edges(void) {
  clio_test *t =
      open_stage(&use_stage, "[{\"request\":null},{\"request\":\"\"},{\"request\":\" \"}]");
  clio_view view = vectors_of(t);
  CHECK(view.rows == 3 && !clio_valid(&view, 0) && !clio_valid(&view, 1) && clio_valid(&view, 2));
  CHECK(clio_test_torture(t) == CLIO_OK);
  clio_test_close(t);
  t = open_stage(&use_stage, "[{\"request\":\"a\"}]");
  clio_test_assets(t, "/nowhere");
  CHECK_REFUSED(t, CLIO_E_IO, "create: cannot open the data file");
  clio_test_close(t);
}

/* The halves of a blended vector have the shares that were asked for; the same bytes from any
 * number of threads. */
static void test_blend(const fixture *f) {
  char *rows = json_rows(f, false);
  clio_test *t = open_stage(&blend_stage, rows), *u = open_stage(&blend_stage, rows);
  clio_test_param(t, "words", "0.25"); /* no language: as English */
  clio_test_param(u, "words", "0.25");
  clio_test_threads(u, 3);
  clio_view one = vectors_of(t), three = vectors_of(u);
  int both = 0;
  for (uint64_t i = 0; i < one.rows && one.rows == three.rows; i++) {
    const float *x = clio_vec(&one, i), *y = clio_vec(&three, i);
    double meaning = 0, words = 0;
    CHECK(x && y && memcmp(x, y, one.dim * sizeof *x) == 0);
    for (uint32_t k = 0; x && k < one.dim; k++)
      *(k < MODEL_DIM ? &meaning : &words) += (double)x[k] * (double)x[k];
    CHECK(fabs(meaning + words - 1) < 1e-5);
    CHECK(words < 1e-9 || fabs(words - 0.25) < 1e-5);
    both += words > 0.2;
  }
  CHECK(both > 10);
  clio_test_close(t);
  clio_test_close(u);
  free(rows);
}

/* Which share a text's words get, by its language as extractor/language names it. */
static void test_languages(void) {
  static const double want[] = {0.2, 0.2, 0.2, 0.8};
  clio_test *t =
      open_stage(&blend_stage, "[{\"request\":\"words of weight\",\"language\":\"English\"},"
                               "{\"request\":\"words of weight\",\"language\":\"en\"},"
                               "{\"request\":\"words of weight\",\"language\":null},"
                               "{\"request\":\"words of weight\",\"language\":\"German\"}]");
  clio_view view = vectors_of(t);
  for (uint64_t i = 0; i < 4 && view.rows == 4; i++) {
    const float *x = clio_vec(&view, i);
    double words = 0;
    for (uint32_t k = MODEL_DIM; x && k < view.dim; k++) words += (double)x[k] * (double)x[k];
    CHECK(fabs(words - want[i]) < 1e-5);
  }
  CHECK(view.rows == 4);
  clio_test_close(t);
}

static bool has_model(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", getenv("CLIO_DATA_PATH"), MODEL_ASSET);
  FILE *file = fopen(path, "rb");
  if (file) fclose(file);
  return file != NULL;
}

int main(void) {
  static fixture f;
  test_reader();
  CHECK(read_fixture(&f) > 50);
  if (CHECK_DONE()) return 1;
  if (!has_model()) {
    puts("the model is not built (./autogen.sh model): its vectors were not tested");
    return SKIPPED;
  }
  char *rows = json_rows(&f, false);
  clio_test *t = open_stage(&use_stage, rows);
  clio_view view = vectors_of(t);
  if (view.rows == (uint64_t)f.n) test_parity(&f, &view);
  if (view.rows == (uint64_t)f.n) test_alone(&f, &view);
  clio_test_close(t);
  free(rows);
  test_edges();
  test_blend(&f);
  test_languages();
  return CHECK_DONE();
}
