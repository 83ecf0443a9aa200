/* test_keyphrase.c - namer/keyphrase on made-up members: names a reader would
 * expect, in the members' language, unlike their siblings', never holding what
 * one member wrote, and all of them good under the text rule. */
#include <glib.h>
#include <json-c/json.h>

#include "check.h"
#include "clio_test.h"
#include "text_service.h"

extern const clio_plugin clio_plugin_v0_namer_keyphrase;

/* Members as JSON rows. */
static GString *rows;

static void add(int node, const char *text) {
  json_object *value = json_object_new_string(text);
  g_string_append_printf(rows, "%s{\"cluster_request\":%d,\"request\":%s}", rows->len ? ",\n" : "[",
                         node, json_object_to_json_string(value));
  json_object_put(value);
}

/* `count` members whose texts are `format` with one filler each, round and round. */
static void add_many(int node, int count, const char *const *formats, const char *const *fillers) {
  for (int i = 0, f = 0; i < count; i++, f++) {
    if (!formats[f]) f = 0;
    int n = 0;
    while (fillers[n]) n++;
    char **parts = g_strsplit(formats[f], "%s", 2);
    g_autofree char *text = g_strjoinv(fillers[(i * 7 + node) % n], parts);
    add(node, text);
    g_strfreev(parts);
  }
}

/* Words that no two members of a node share often enough to be told. */
static const char *const odd[] = {"acorn", "brook", "cedar", "delta", "ember", "flint", "grove",
                                  "heron", "islet", "jetty", "kiosk", "larch", "maple", "nadir",
                                  "oasis", "prism", "quill", "ridge", "shale", "tulip", NULL};

/* A word list as a parameter's value. */
static char *list_json(const char *name) {
  g_autofree char *path = g_build_filename(g_getenv("CLIO_DATA_PATH"), "words", name, NULL);
  char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL)) return NULL;
  json_object *value = json_object_new_string(text);
  char *json = g_strdup(json_object_to_json_string(value));
  json_object_put(value);
  g_free(text);
  return json;
}

static clio_test *open_stage(void) {
  g_autofree char *templates = list_json("name-templates.txt");
  g_autofree char *themes = list_json("name-themes.txt");
  clio_test *t = clio_test_open(clio_plugin_v0_namer_keyphrase.stages[0]);
  clio_test_param(t, "templates", templates);
  clio_test_param(t, "themes", themes);
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  clio_test_policy(t)->word_accounts = 10;
  return t;
}

static void plug(clio_test *t, const char *clusters) {
  g_string_append_c(rows, ']');
  clio_test_rows(t, "conversations", "cluster_request:i64?<request request:utf8?", rows->str);
  clio_test_rows(t, "clusters",
                 "facet:utf8 node:i64 level:i64 parent:i64? name:utf8? description:utf8?",
                 clusters);
  g_string_truncate(rows, 0);
}

static void names_are_a_readers(void) {
  static const char *const stories[] = {"Write a story about a %s.", "Please write me a %s story!",
                                        "write a short story with a %s", NULL};
  static const char *const how[] = {"How do I repair a %s printer?",
                                    "How can I clean my %s printer?", "how to repair the %s",
                                    "How do I clean a %s", NULL};
  static const char *const russian[] = {
      "Напиши код %s",
      "напиши код: %s",
      "Напиши мне код на %s",
      NULL,
  };
  static const char *const nothing[] = {"%s", "%s and %s", NULL};
  add_many(1, 60, stories, odd);
  add_many(2, 60, how, odd);
  add_many(3, 60, russian, odd);
  add_many(4, 60, nothing, odd);
  add(1, "Write a story about Zebulon Quackenbush of 12 Elm Street");
  clio_test *t = open_stage();
  plug(t, "[{\"facet\":\"request\",\"node\":1,\"level\":0,\"parent\":9},"
          "{\"facet\":\"request\",\"node\":2,\"level\":0,\"parent\":9},"
          "{\"facet\":\"request\",\"node\":3,\"level\":0,\"parent\":8},"
          "{\"facet\":\"request\",\"node\":4,\"level\":0,\"parent\":8},"
          "{\"facet\":\"request\",\"node\":9,\"level\":1},"
          "{\"facet\":\"request\",\"node\":8,\"level\":1},"
          "{\"facet\":\"task\",\"node\":1,\"level\":0,\"name\":\"Kept as it is\"}]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "clusters", "facet node name"),
             "[{\"facet\":\"request\",\"node\":1,\"name\":\"Write a story\"},\n"
             "{\"facet\":\"request\",\"node\":2,\"name\":\"How to repair or clean something\"},\n"
             "{\"facet\":\"request\",\"node\":3,\"name\":\"Написать код\"},\n"
             "{\"facet\":\"request\",\"node\":4,\"name\":\"Various messages\"},\n"
             "{\"facet\":\"request\",\"node\":9,\"name\":"
             "\"Questions and requests about stories and printer\"},\n"
             "{\"facet\":\"request\",\"node\":8,\"name\":"
             "\"Разные темы: код\"},\n"
             "{\"facet\":\"task\",\"node\":1,\"name\":\"Kept as it is\"}]");
  const char *all = clio_test_json(t, "clusters", NULL);
  CHECK(strstr(all, "uackenbush") == NULL && strstr(all, "lm Street") == NULL);
  clio_test_close(t);
}

static const char *const emails[] = {"Write an email to the %s.", "write a polite email about %s",
                                     "Write an email for my %s", NULL};

/* Siblings that say the same get names of their own, one of them a lesser one. */
static void siblings_differ(void) {
  for (int node = 1; node <= 3; node++) add_many(node, 40, emails, odd);
  clio_test *t = open_stage();
  plug(t, "[{\"facet\":\"request\",\"node\":1,\"level\":0},"
          "{\"facet\":\"request\",\"node\":2,\"level\":0},"
          "{\"facet\":\"request\",\"node\":3,\"level\":0}]");
  CHECK_RUN(t);
  json_object *named = json_tokener_parse(clio_test_json(t, "clusters", "name")), *name[3];
  for (size_t i = 0; i < 3; i++)
    json_object_object_get_ex(json_object_array_get_idx(named, i), "name", &name[i]);
  for (size_t i = 0; i < 3; i++)
    for (size_t k = 0; k < i; k++)
      CHECK(strcmp(json_object_get_string(name[i]), json_object_get_string(name[k])) != 0);
  CHECK_TEXT(json_object_get_string(name[0]), "Write an email");
  json_object_put(named);
  clio_test_close(t);
}

/* A leaf of many languages says so, in the run's own; members beyond the limit
 * are not read, and change no name here. */
static void many_languages_and_a_limit(void) {
  static const char *const german[] = {"Was ist ein %s und wie ist das %s?", NULL};
  static const char *const french[] = {"Quel est le %s et pourquoi est-ce que %s?", NULL};
  static const char *const spanish[] = {"Por qué es el %s una cosa para mi %s?", NULL};
  add_many(1, 200, emails, odd);
  add_many(2, 20, german, odd);
  add_many(2, 20, french, odd);
  add_many(2, 20, spanish, odd);
  clio_test *t = open_stage();
  clio_test_param(t, "members", "60");
  plug(t, "[{\"facet\":\"request\",\"node\":1,\"level\":0},"
          "{\"facet\":\"request\",\"node\":2,\"level\":0}]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "clusters", "name"),
             "[{\"name\":\"Write an email\"},\n{\"name\":\"Requests in various languages\"}]");
  clio_test_close(t);
}

/* Members that share a theme but no word are named by it, where one of its labels is
 * in enough of their texts; and one label gives way to the next that is. */
static void themes_cover_what_no_word_does(void) {
  static const char *const food[] = {
      "Is an oven too hot for %s?", "Does dough rest with %s?",   "Is rice as filling as %s?",
      "Can a soup hold %s?",        "Are tomatoes good with %s?", "Is food with %s good?",
      "Should a steak rest on %s?", "Is cheese better than %s?",  NULL};
  static const char *const pets[] = {"Does a puppy like %s?", "Are kittens afraid of %s?",
                                     "Is a hamster a match for %s?", "Should pets have %s?", NULL};
  add_many(1, 90, food, odd);
  add_many(2, 90, pets, odd);
  clio_test *t = open_stage();
  plug(t, "[{\"facet\":\"request\",\"node\":1,\"level\":0},"
          "{\"facet\":\"request\",\"node\":2,\"level\":0}]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "clusters", "name"), "[{\"name\":\"Yes-no questions about food\"},\n"
                                                    "{\"name\":\"Yes-no questions about pets\"}]");
  clio_test_close(t);
}

/* Words that no frame list may hold, since they are somebody's name elsewhere, are no topics
 * either. */
static void function_words_are_no_topics(void) {
  static const char *const trips[] = {"Plane mit mir eine Reise nach %s", "Reise mit du und mit %s",
                                      "Wie plane ich mit dem %s eine Reise?", NULL};
  static const char *const bread[] = {"Wie backe ich Brot ohne %s?", "Welches Brot hat %s?", NULL};
  add_many(1, 60, trips, odd);
  add_many(2, 60, bread, odd);
  clio_test *t = open_stage();
  plug(t, "[{\"facet\":\"request\",\"node\":1,\"level\":0},"
          "{\"facet\":\"request\",\"node\":2,\"level\":0}]");
  CHECK_RUN(t);
  const char *all = clio_test_json(t, "clusters", "name description");
  CHECK(strstr(all, "Reise") && strstr(all, "Brot"));
  CHECK(!strstr(all, " mit") && !strstr(all, " du"));
  clio_test_close(t);
}

/* What the text rule refuses is not taken: no name here ever is. */
static void every_text_passes(void) {
  static const char *const secret[] = {"Write a poem about the treaty of %s", NULL};
  add_many(1, 30, secret, odd);
  for (int i = 0; i < 9; i++) add(1, "Write a poem about my rash and nothing else");
  clio_test *t = open_stage();
  plug(t, "[{\"facet\":\"request\",\"node\":1,\"level\":0}]");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "clusters", "name description"),
             "[{\"name\":\"Write a poem\",\"description\":\"Users mostly asked for something to be "
             "done. Most conversations involved a poem and the treaty.\"}]");
  clio_test_close(t);
}

static void graphs_are_refused_by_sentence(void) {
  clio_test *t = open_stage();
  add(1, "x");
  plug(t, "[]");
  clio_test_param(t, "facet", "\"task\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "facet: no tree 'task' reaches this stage; put a clusterer before it");
  clio_test_param(t, "facet", NULL);
  clio_test_rows(t, "conversations", "cluster_a:i64?<request cluster_b:i64?<request request:utf8?",
                 "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "several trees reach this stage; say with 'facet' which one to name");
  clio_test_rows(t, "conversations", "request:utf8?", "[]");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "no tree reaches this stage; put a clusterer before it");
  clio_test_rows(t, "conversations", "cluster_request:i64?<request request:utf8?", "[]");
  clio_test_param(t, "templates", "\"[en English]\\nfrom a | b\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "create: templates: line 2: unknown key");
  clio_test_param(t, "templates", "\"[en English]\\nother a\\nnames mixed\\nalone b\"");
  clio_test_param(t, "themes", "\"[en English]\\ntheme a = b\\nwide c = d\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "create: themes: line 3: a wide theme names one that does not stand above it");
  clio_test_param(t, "themes", "null");
  clio_test_param(t, "templates", "\"[en English]\\nother a | b\"");
  CHECK_REFUSED(t, CLIO_E_CONFIG,
                "create: templates: language 'en' lacks 'other', or 'alone' of 'names mixed'");
  clio_test_close(t);
}

static void runs_out_of_memory_well(void) {
  add_many(1, 24, emails, odd);
  clio_test *t = open_stage();
  plug(t, "[{\"facet\":\"request\",\"node\":1,\"level\":0}]");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

int main(void) {
  rows = g_string_new(NULL);
  if (!text_service()) return 1;
  names_are_a_readers();
  siblings_differ();
  many_languages_and_a_limit();
  themes_cover_what_no_word_does();
  function_words_are_no_topics();
  every_text_passes();
  graphs_are_refused_by_sentence();
  runs_out_of_memory_well();
  g_string_free(rows, TRUE);
  return CHECK_DONE();
}
