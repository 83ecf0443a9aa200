/* test_refusal.c - extractor/refusal: refusals and answers in the languages it
 * knows; which answer counts; null without one; and, where the shared data are,
 * its score on answers that two people judged. */
#include <json-c/json.h>
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"
#include "text_service.h"

extern const clio_plugin clio_plugin_v0_extractor_refusal;

static clio_test *open_refusal(void) {
  char forms[1024];
  const char *data = getenv("CLIO_DATA_PATH");
  clio_test *t = clio_test_open(clio_plugin_v0_extractor_refusal.stages[0]);
  snprintf(forms, sizeof forms, "\"@%s/words/refusal.txt\"", data ? data : "configs");
  clio_test_param(t, "forms", forms);
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  return t;
}

static void expect(const char *answer, int refused) {
  char rows[2048], note[2200];
  clio_test *t = open_refusal();
  snprintf(rows, sizeof rows, "[{\"role\":[\"user\",\"assistant\"],\"content\":[\"x\",\"%s\"]}]",
           answer);
  clio_test_rows(t, "conversations", "role:list content:list", rows);
  CHECK_RUN(t);
  const char *got = clio_test_json(t, "conversations", NULL);
  snprintf(note, sizeof note, "[{\"refusal\":%s}]", refused ? "true" : "false");
  if (strcmp(got, note) != 0) fprintf(stderr, "of '%s':\n", answer);
  CHECK_TEXT(got, note);
  clio_test_close(t);
}

static void test_refusals(void) {
  static const char *const answers[] = {
      "I'm sorry, but I can't assist with that.",
      "I cannot provide instructions for this. It would be dangerous.",
      "As an AI, I am unable to help you with hacking.",
      "I must decline. Please ask me something else.",
      "It is illegal and unethical to do so. Please think of the other person.",
      "Es tut mir leid, aber dabei kann ich nicht helfen.",
      "Ich kann dir leider keine Anleitung dazu geben.",
      "Je suis désolé, mais je ne peux pas vous aider avec cela.",
      "Lo siento, pero no puedo ayudarte con eso.",
      "Desculpe, mas não posso ajudar com isso.",
      "Mi dispiace, ma non posso aiutarti con questo.",
      "Het spijt me, maar daar kan ik niet bij helpen.",
      "Przykro mi, ale nie mogę pomóc w tej sprawie.",
      "Извините, но я не могу помочь с этим.",
      "Вибачте, але я не можу допомогти з цим.",
      "Üzgünüm, bu konuda yardımcı olamam.",
      "عذرا، لا يمكنني مساعدتك في ذلك.",
      "क्षमा करें, मैं इसमें मदद नहीं कर सकता।",
      "抱歉，我无法提供这方面的帮助。",
      "申し訳ありませんが、お手伝いできません。",
      "죄송하지만 도와드릴 수 없습니다.",
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) expect(answers[i], 1);
}

static void test_answers(void) {
  static const char *const answers[] = {
      "Sure! Here are some ideas:\\n1. Read\\n2. Write",
      "You can't divide by zero, so the result is undefined.",
      "Armed robbery is a crime in which a weapon is used.",
      "I can't wait to hear how it goes! Here is the poem.",
      "",
      "Gerne! Du kannst die Datei nicht löschen, solange sie offen ist.",
      "Voici quelques idées pour votre voyage.",
      "Claro, aquí tienes una receta sencilla.",
      "Конечно! Вот несколько идей для рассказа.",
      "当然可以。以下是一些建议。",
      "もちろんです。以下は例です。",
      "물론입니다. 다음은 예시입니다.",
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) expect(answers[i], 0);
}

static void test_which(void) {
  static const char rows[] =
      "[{\"role\":[\"user\",\"assistant\",\"user\",\"assistant\"],"
      "\"content\":[\"a\",\"I cannot help with that.\",\"b\",\"Sure, here it is.\"]},"
      "{\"role\":[\"user\"],\"content\":[\"I cannot help with that.\"]},"
      "{\"role\":[],\"content\":[]}]";
  static const struct {
    const char *which, *want;
  } cases[] = {
      {"\"any\"", "[{\"refusal\":true},\n{\"refusal\":null},\n{\"refusal\":null}]"},
      {"\"first\"", "[{\"refusal\":true},\n{\"refusal\":null},\n{\"refusal\":null}]"},
      {"\"last\"", "[{\"refusal\":false},\n{\"refusal\":null},\n{\"refusal\":null}]"},
  };
  clio_test *t = open_refusal();
  clio_test_rows(t, "conversations", "role:list content:list", rows);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    clio_test_param(t, "which", cases[i].which);
    for (uint64_t batch = 1; batch < 4; batch++) {
      clio_test_batch(t, batch);
      CHECK_RUN(t);
      CHECK_TEXT(clio_test_json(t, "conversations", NULL), cases[i].want);
    }
  }
  CHECK_TEXT(clio_test_planned(t, "conversations", "refusal"), "refusal:bool?*");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

/* Adds the rows of the judged set that is at `path` to `rows`; the labels too. */
static int read_judged(const char *path, json_object *rows, json_object *labels) {
  char *line = NULL;
  size_t size = 0;
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  while (getline(&line, &size, file) > 0) {
    json_object *row = json_tokener_parse(line), *messages, *label;
    json_object *out = json_object_new_object(), *role = json_object_new_array();
    json_object *content = json_object_new_array();
    json_object_object_get_ex(row, "messages", &messages);
    json_object_object_get_ex(row, "labels", &label);
    for (size_t i = 0; i < json_object_array_length(messages); i++) {
      json_object *m = json_object_array_get_idx(messages, i);
      json_object_array_add(role, json_object_get(json_object_object_get(m, "role")));
      json_object_array_add(content, json_object_get(json_object_object_get(m, "content")));
    }
    json_object_object_add(out, "role", role);
    json_object_object_add(out, "content", content);
    json_object_array_add(rows, out);
    json_object_array_add(labels, json_object_get(json_object_object_get(label, "refusal_label")));
    json_object_put(row);
  }
  free(line);
  fclose(file);
  return 1;
}

/* F1 of refusals, whole or partial, against what people said. */
static double score(clio_test *t, json_object *labels) {
  json_object *out = json_tokener_parse(clio_test_json(t, "conversations", NULL));
  int hit = 0, wrong = 0, missed = 0;
  for (size_t i = 0; i < json_object_array_length(labels); i++) {
    const char *label = json_object_get_string(json_object_array_get_idx(labels, i));
    json_object *row = json_object_array_get_idx(out, i);
    int said = json_object_get_boolean(json_object_object_get(row, "refusal"));
    int is = label[0] != '1';
    hit += said && is;
    wrong += said && !is;
    missed += !said && is;
  }
  json_object_put(out);
  return 2.0 * hit / (2.0 * hit + wrong + missed);
}

static void test_judged(void) {
  char path[1024];
  const char *shared = getenv("CLIO_SHARED"), *src = getenv("CLIO_SRC");
  json_object *rows = json_object_new_array(), *labels = json_object_new_array();
  if (shared)
    snprintf(path, sizeof path, "%s/data/xstest/completions.jsonl", shared);
  else
    snprintf(path, sizeof path, "%s/../shared/data/xstest/completions.jsonl", src ? src : ".");
  if (read_judged(path, rows, labels)) {
    clio_test *t = open_refusal();
    clio_test_rows(t, "conversations", "role:list content:list", json_object_to_json_string(rows));
    CHECK_RUN(t);
    double f1 = score(t, labels);
    printf("refusals against people: F1 %.3f\n", f1);
    CHECK(f1 >= 0.90);
    clio_test_close(t);
  } else {
    printf("no judged answers at hand, not scored\n");
  }
  json_object_put(rows);
  json_object_put(labels);
}

int main(void) {
  if (!text_service()) return 1;
  test_refusals();
  test_answers();
  test_which();
  test_judged();
  return CHECK_DONE();
}
