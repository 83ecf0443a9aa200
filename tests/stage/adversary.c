/* adversary.c - models that misbehave; see adversary.h. */
#include "adversary.h"

#include <glib.h>
#include <json-c/json.h>
#include <string.h>

enum { LONG_TITLE = 50000, MANY_ITEMS = 500 };

static struct {
  int mode;
  uint64_t seed, asked, repairs;
  GPtrArray *kept, *prompts;
} adversary;

void adversary_clear(void) {
  if (adversary.kept) g_ptr_array_unref(adversary.kept);
  if (adversary.prompts) g_ptr_array_unref(adversary.prompts);
  adversary.kept = adversary.prompts = NULL;
}

void adversary_set(int mode, uint64_t seed) {
  adversary_clear();
  adversary.mode = mode;
  adversary.seed = seed;
  adversary.asked = adversary.repairs = 0;
  adversary.kept = g_ptr_array_new_with_free_func(g_free);
  adversary.prompts = g_ptr_array_new_with_free_func(g_free);
}

uint64_t adversary_asked(void) { return adversary.asked; }
uint64_t adversary_repairs(void) { return adversary.repairs; }

const char *adversary_prompt(uint64_t i) {
  return i < adversary.prompts->len ? adversary.prompts->pdata[i] : NULL;
}

void adversary_give_prompt(clio_test *t, const char *param, const char *file) {
  g_autofree char *path = g_build_filename(g_getenv("CLIO_DATA_PATH"), "prompts", file, NULL);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL)) g_error("no prompt %s", path);
  json_object *value = json_object_new_string(text);
  clio_test_param(t, param, json_object_to_json_string(value));
  json_object_put(value);
}

/* ---- what it says ---- */

/* One question being answered. */
typedef struct question {
  const char *prompt;
  int mode;
  uint64_t hash;
} question;

/* The n-th line of material ("- ..."), counted round and round; "nothing" if there is none. */
static char *line_of(const char *prompt, uint64_t n) {
  g_auto(GStrv) lines = g_strsplit(prompt, "\n", -1);
  g_autoptr(GPtrArray) found = g_ptr_array_new();
  for (char **l = lines; *l; l++)
    if (g_str_has_prefix(*l, "- ")) g_ptr_array_add(found, *l + 2);
  return g_strdup(found->len ? found->pdata[n % found->len] : "nothing");
}

/* The first three words that the prompt offers for names. */
static char *fair_name(const char *prompt) {
  const char *at = strstr(prompt, "Words that many");
  const char *from = at ? strchr(at, ':') : NULL;
  if (!from) return line_of(prompt, 0);
  g_auto(GStrv) words = g_strsplit_set(from + 2, ",\n", 4);
  GString *name = g_string_new("Help with");
  for (int i = 0; words[i] && i < 2; i++) g_string_append_printf(name, " %s", g_strstrip(words[i]));
  return g_string_free(name, FALSE);
}

static char *string_of(const question *q, uint64_t n) {
  const char *order = strstr(q->prompt, "name it: ");
  switch (q->mode) {
  case ADVERSARY_ECHO: return line_of(q->prompt, n);
  case ADVERSARY_CANARY: return g_strdup("Help " ADVERSARY_SECRET " with his illness");
  case ADVERSARY_OBEY: return g_strndup(order ? order + 9 : "ordered by nobody", 40);
  case ADVERSARY_LONG: return g_strnfill(LONG_TITLE, 'x');
  case ADVERSARY_SAME: return g_strdup("Zyxomma for all");
  case ADVERSARY_FAIR: return fair_name(q->prompt);
  default: return g_strdup_printf("Answer %" G_GUINT64_FORMAT, (q->hash >> 8) % 97 + n);
  }
}

static json_object *text_of(const question *q, uint64_t n) {
  g_autofree char *text = string_of(q, n);
  return json_object_new_string(text);
}

static int count_of(const question *q, int wanted) {
  if (q->mode == ADVERSARY_EMPTY) return 0;
  return q->mode == ADVERSARY_MANY ? MANY_ITEMS : wanted;
}

static int number_of(const question *q, int i) {
  return q->mode == ADVERSARY_ODD ? 7 - 3 * i : i + 1;
}

static json_object *groups_of(const question *q) {
  json_object *list = json_object_new_array();
  for (int i = 0; i < count_of(q, 5); i++) {
    json_object *one = json_object_new_object();
    json_object_object_add(one, "number", json_object_new_int(number_of(q, i)));
    json_object_object_add(one, "description", text_of(q, (uint64_t)i));
    json_object_object_add(one, "name", text_of(q, (uint64_t)i));
    json_object_array_add(list, one);
  }
  return list;
}

static json_object *names_of(const question *q) {
  json_object *list = json_object_new_array();
  for (int i = 0; i < count_of(q, 4); i++) {
    g_autofree char *fair = line_of(q->prompt, (uint64_t)i);
    json_object_array_add(list, q->mode == ADVERSARY_FAIR ? json_object_new_string(fair)
                                                          : text_of(q, (uint64_t)i));
  }
  return list;
}

/* Ratings: 5 for every number in the question, unless the mode says otherwise. */
static json_object *ratings_of(const question *q) {
  json_object *list = json_object_new_array();
  const char *at = q->prompt;
  for (int i = 0; (at = strstr(at, "\nText ")) != NULL; i++, at++) {
    int64_t number = g_ascii_strtoll(at + 6, NULL, 10);
    json_object *one = json_object_new_object();
    if (q->mode == ADVERSARY_ODD) number += i + 1;
    json_object_object_add(one, "number", json_object_new_int64(number));
    json_object_object_add(one, "reason", text_of(q, (uint64_t)i));
    json_object_object_add(one, "rating", json_object_new_int(q->mode == ADVERSARY_SAME ? 9 : 5));
    if (q->mode == ADVERSARY_EMPTY)
      json_object_put(one);
    else
      json_object_array_add(list, one);
  }
  for (int i = 0; q->mode == ADVERSARY_MANY && i < MANY_ITEMS; i++)
    json_object_array_add(list, json_object_get(json_object_array_get_idx(list, 0)));
  return list;
}

static char *answer_of(const question *q, const char *schema) {
  if (q->mode == ADVERSARY_NONSENSE) return g_strdup("Sure! Here you go: {\"names\": [");
  if (q->mode == ADVERSARY_SHAPE) return g_strdup("{\"groups\":7,\"names\":{},\"choice\":[1]}");
  json_object *answer = json_object_new_object();
  if (strstr(schema, "\"groups\""))
    json_object_object_add(answer, "groups", groups_of(q));
  else if (strstr(schema, "\"names\""))
    json_object_object_add(answer, "names", names_of(q));
  else if (strstr(schema, "\"ratings\""))
    json_object_object_add(answer, "ratings", ratings_of(q));
  else
    json_object_object_add(answer, strstr(schema, "\"choice\"") ? "choice" : "answer",
                           text_of(q, q->hash));
  char *text = g_strdup(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN));
  json_object_put(answer);
  return text;
}

static clio_status complete(clio_call *call, const char *role, clio_llm_job *jobs, uint64_t n) {
  (void)call, (void)role;
  g_ptr_array_set_size(adversary.prompts, 0);
  for (uint64_t i = 0; i < n; i++) {
    question q = {.prompt = jobs[i].prompt, .mode = adversary.mode};
    q.hash = (uint64_t)g_str_hash(q.prompt) * 0x9E3779B97F4A7C15u ^ adversary.seed;
    if (q.mode == ADVERSARY_MIXED) q.mode = (int)((q.hash >> 40) % ADVERSARY_MIXED);
    adversary.asked++;
    adversary.repairs += strstr(q.prompt, "You answered this before") != NULL;
    g_ptr_array_add(adversary.prompts, g_strdup(q.prompt));
    jobs[i].outcome = q.mode == ADVERSARY_SILENT ? CLIO_OUT_REFUSAL : CLIO_OUT_OK;
    if (q.mode == ADVERSARY_SILENT) continue;
    char *text = answer_of(&q, jobs[i].schema ? jobs[i].schema : "");
    g_ptr_array_add(adversary.kept, text);
    jobs[i].text = text;
    jobs[i].text_len = (int64_t)strlen(text);
  }
  return CLIO_OK;
}

static clio_status embed(clio_call *call, const char *role, const char *const *texts,
                         const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  (void)call, (void)role;
  for (uint64_t i = 0; i < n; i++)
    for (int64_t k = 0; k < lens[i]; k++) ret[i * dim + (unsigned char)texts[i][k] % dim] += 1;
  return CLIO_OK;
}

const clio_llm *adversary_llm(void) {
  static const clio_llm service = {sizeof service, 0, complete, embed};
  return &service;
}
