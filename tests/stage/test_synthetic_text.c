/* test_synthetic_text.c - the texts that source/synthetic ships: every topic is there in every
 * language, each language is written in its own, and conversations are no copies of each other. */
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "clio_util.h"

extern const clio_plugin clio_plugin_v0_source_synthetic;
extern const clio_plugin clio_plugin_v0_extractor_language;

/* The paper's fifteen; German is the sixteenth, and has some of the topics. */
static const struct {
  const char *code, *name;
} languages[] = {
    {"en", "English"}, {"es", "Spanish"},  {"fr", "French"},    {"pt", "Portuguese"},
    {"ca", "Catalan"}, {"ru", "Russian"},  {"uk", "Ukrainian"}, {"ja", "Japanese"},
    {"zh", "Chinese"}, {"tr", "Turkish"},  {"af", "Afrikaans"}, {"ar", "Arabic"},
    {"hi", "Hindi"},   {"hy", "Armenian"}, {"ka", "Georgian"},
};
enum { LANGUAGES = sizeof languages / sizeof *languages, TOPICS = 38, SUBTOPICS = 3 };

static size_t add_file(char *json, size_t end, const char *name) {
  const char *src = getenv("CLIO_SRC");
  return end + (size_t)snprintf(json + end, 4200, "%s{\"text\": \"@%s/configs/synthetic/%s.txt\"}",
                                end > 1 ? ", " : "[", src ? src : ".", name);
}

/* With the texts of one language, or of all where `only` is NULL. */
static clio_test *open_texts(const char *only, const char *conversations) {
  static char json[(LANGUAGES + 2) * 4200];
  size_t end = add_file(json, 0, "topics");
  for (size_t i = 0; i < LANGUAGES; i++)
    if (!only || strcmp(only, languages[i].code) == 0) end = add_file(json, end, languages[i].code);
  snprintf(json + end, 2, "]");
  clio_test *t = clio_test_open(clio_plugin_v0_source_synthetic.stages[0]);
  clio_test_param(t, "words", json);
  clio_test_param(t, "labels", "true");
  clio_test_param(t, "concerning", "\"both\"");
  clio_test_param(t, "conversations", conversations);
  return t;
}

static clio_span cell(const clio_view *v, uint64_t row) {
  if (v->valid && !(v->valid[row / 8] >> row % 8 & 1)) return clio_span_of(NULL, 0);
  return clio_span_of((const char *)v->data + v->offsets[row],
                      v->offsets[row + 1] - v->offsets[row]);
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How many of the rows' texts differ; each is freed. */
static uint64_t count_distinct(char **texts, uint64_t rows) {
  uint64_t distinct = rows > 0;
  qsort(texts, rows, sizeof *texts, by_text);
  for (uint64_t i = 1; i < rows; i++) distinct += strcmp(texts[i - 1], texts[i]) != 0;
  for (uint64_t i = 0; i < rows; i++) free(texts[i]);
  return distinct;
}

static char *copy_of(const char *bytes, int64_t length) {
  char *copy = malloc((size_t)length + 1);
  if (!copy) abort();
  memcpy(copy, bytes, (size_t)length);
  copy[length] = '\0';
  return copy;
}

static uint64_t distinct_places(clio_test *t) {
  const clio_host *host = clio_test_host();
  const clio_table *table = clio_test_out(t, "conversations");
  clio_view topic, sub;
  uint64_t rows = host->rows(table);
  host->view(table, host->find(table, "label_topic"), &topic, sizeof topic);
  host->view(table, host->find(table, "label_subtopic"), &sub, sizeof sub);
  char **places = calloc(rows, sizeof *places);
  if (!places) abort();
  for (uint64_t i = 0; i < rows; i++) {
    char both[200];
    clio_span a = cell(&topic, i), b = cell(&sub, i);
    CHECK(b.s != NULL);
    int n = snprintf(both, sizeof both, "%.*s/%.*s", (int)a.len, a.s, (int)b.len, b.s ? b.s : "");
    places[i] = copy_of(both, n);
  }
  uint64_t distinct = count_distinct(places, rows);
  free(places);
  return distinct;
}

/* The first request of each conversation, whole. */
static uint64_t distinct_requests(clio_test *t) {
  const clio_host *host = clio_test_host();
  const clio_table *table = clio_test_out(t, "conversations");
  clio_view v;
  uint64_t rows = host->rows(table);
  host->view(table, host->find(table, "content"), &v, sizeof v);
  char **texts = calloc(rows, sizeof *texts);
  if (!texts) abort();
  for (uint64_t i = 0; i < rows; i++) {
    int64_t first = v.offsets[i];
    texts[i] = copy_of((const char *)v.data + v.items[first], v.items[first + 1] - v.items[first]);
  }
  uint64_t distinct = count_distinct(texts, rows);
  free(texts);
  return distinct;
}

/* Every topic and subtopic is there in this language, and hardly any request twice. */
static void test_whole(const char *code) {
  clio_test *t = open_texts(code, "4000");
  CHECK_RUN(t);
  CHECK(distinct_places(t) == TOPICS * SUBTOPICS);
  uint64_t distinct = distinct_requests(t);
  if (distinct < 3200) printf("%s: %d distinct requests of 4000\n", code, (int)distinct);
  CHECK(distinct >= 3200);
  clio_test_close(t);
}

static int count(const char *json, const char *word) {
  int n = 0;
  for (const char *p = json; (p = strstr(p, word)); p += strlen(word)) n++;
  return n;
}

/* What CLD2 takes the conversations for: hardly ever another language, seldom none (it is not
 * sure of short Russian texts). */
static void test_language(const char *code, const char *name) {
  char quoted[40];
  clio_test *source = open_texts(code, "300");
  CHECK_RUN(source);
  clio_test *t = clio_test_open(clio_plugin_v0_extractor_language.stages[0]);
  clio_test_rows(t, "conversations", "role:list content:list",
                 clio_test_json(source, "conversations", "role content"));
  CHECK_RUN(t);
  snprintf(quoted, sizeof quoted, "\"%s\"", name);
  const char *json = clio_test_json(t, "conversations", "language");
  int right = count(json, quoted), none = count(json, "null");
  if (right < 240 || right + none < 294) printf("%s: %d right, %d none\n", name, right, none);
  CHECK(right >= 240 && right + none >= 294);
  clio_test_close(t);
  clio_test_close(source);
}

/* A language mixed in is said so, and lies beside a text in the account's own. */
static void test_mixed(void) {
  clio_test *t = open_texts(NULL, "6000");
  CHECK_RUN(t);
  int mixed = count(clio_test_json(t, "conversations", "label_mixed"), "true");
  CHECK(mixed > 120 && mixed < 320);
  CHECK(!strchr(clio_test_json(t, "conversations", "content"), '|')); /* all choices are made */
  for (size_t i = 0; i < LANGUAGES; i++) {
    char quoted[16];
    snprintf(quoted, sizeof quoted, "\"%s\"", languages[i].code);
    CHECK(count(clio_test_json(t, "conversations", "label_language"), quoted) > 120);
  }
  clio_test_close(t);
}

int main(void) {
  for (size_t i = 0; i < LANGUAGES; i++) {
    test_whole(languages[i].code);
    test_language(languages[i].code, languages[i].name);
  }
  test_mixed();
  return CHECK_DONE();
}
