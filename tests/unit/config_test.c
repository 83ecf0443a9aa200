/* config_test.c - parameters that are right, by every type; defaults; the JSON
 * and the columns of a filled config. Mistakes are tests/graph's. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "unit.h"

typedef struct part {
  const char *name;
  int64_t least;
  clio_strlist words;
} part;

typedef struct all_config {
  int32_t flag;
  int64_t count, k;
  double share;
  const char *name, *choice, *text, *path, *key, *input, *column, *none;
  clio_strlist list, columns;
} all_config;

static const char *const choices[] = {"one", "two", NULL};
static const clio_param params[] = {
    CLIO_BOOL(all_config, flag, "true", "h"),
    CLIO_INT(all_config, count, "-3", -10, 100, "h"),
    CLIO_AUTO(all_config, k, "\"auto\"", 0, 64, "h"),
    CLIO_FLOAT(all_config, share, "0.25", 0, 1, "h"),
    CLIO_STR(all_config, name, "\"a \\\"b\\\"\"", "h"),
    CLIO_ENUM(all_config, choice, "\"two\"", choices, "h"),
    CLIO_TEXT(all_config, text, "\"plain\"", "h"),
    CLIO_PARAM_(all_config, path, const char *, CLIO_PT_PATH, "\"p\"", 0, 0, NULL,
                CLIO_PARAM_NO_CACHE_KEY, "h"),
    CLIO_PARAM_(all_config, key, const char *, CLIO_PT_SECRET, "\"API_KEY\"", 0, 0, NULL, 0, "h"),
    CLIO_INPUT(all_config, input, "h"),
    CLIO_COLUMN(all_config, column, "\"request\"", "h"),
    CLIO_STR(all_config, none, "null", "h"),
    CLIO_STRS(all_config, list, "[\"x\", \"y\"]", "h"),
    CLIO_COLUMNS(all_config, columns, "[]", "h"),
};
static const clio_param part_params[] = {
    CLIO_STR(part, name, NULL, "h"),
    CLIO_INT(part, least, "1", 0, 9, "h"),
    CLIO_STRS(part, words, "[]", "h"),
};
typedef struct part_config {
  clio_records parts;
} part_config;
static const clio_param with_parts[] = {
    CLIO_RECORDS(part_config, parts,
                 "[\"@parts/default.yaml\", {\"name\": \"plain\", \"least\": 4}]", part,
                 part_params, "h"),
};
static const plugin_stage parted = {
    .s = {.kind = "source",
          .name = "parted",
          .params = CLIO_LIST(with_parts),
          .config_size = sizeof(part_config)},
    .params = (clio_param *)with_parts,
};

static const plugin_stage stage = {
    .s = {.kind = "source",
          .name = "all",
          .params = CLIO_LIST(params),
          .config_size = sizeof(all_config)},
    .params = (clio_param *)params,
};

typedef struct made {
  graph *g;
  diag *d;
  config *c;
} made;

static made make_of(const plugin_stage *of, const char *written, bool check) {
  made m = {0};
  error e = {0};
  g_autofree char *text = g_strdup_printf(
      "clio: 1\nvars: { input: null }\nstages:\n  s: { use: source/all, %s }\n", written);
  CU_ASSERT_EQUAL_FATAL(graph_parse("t", ".", text, strlen(text), NULL, &m.g, &m.d, &e), CLIO_OK);
  m.g->inputs_may_be_unset = check;
  m.c = config_new(m.g, g_ptr_array_index(m.g->stages, 0), of, m.d);
  if (!m.c) diag_print(m.d, stderr, false);
  return m;
}

static made make(const char *written, bool check) { return make_of(&stage, written, check); }

static void unmake(made m) {
  config_free(m.c);
  graph_free(m.g);
  diag_free(m.d);
}

static void test_defaults(void) {
  made m = make("input: f.jsonl", false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  const all_config *v = m.c->data;
  CU_ASSERT_EQUAL(v->flag, 1);
  CU_ASSERT_EQUAL(v->count, -3);
  CU_ASSERT_EQUAL(v->k, -1);
  CU_ASSERT_EQUAL(v->share, 0.25);
  CU_ASSERT_STRING_EQUAL(v->name, "a \"b\"");
  CU_ASSERT_STRING_EQUAL(v->choice, "two");
  CU_ASSERT_STRING_EQUAL(v->text, "plain");
  CU_ASSERT_STRING_EQUAL(v->input, "f.jsonl");
  CU_ASSERT_PTR_NULL(v->none);
  CU_ASSERT_EQUAL_FATAL(v->list.count, 2);
  CU_ASSERT_STRING_EQUAL(v->list.items[1], "y");
  CU_ASSERT_EQUAL(v->columns.count, 0);
  unmake(m);
}

static void test_written(void) {
  made m = make("flag: false, count: 100, k: 12, share: 1e-1, name: 5, choice: one, "
                "text: \"@@x\", path: ../p, key: HF_TOKEN, input: \"-\", column: task, "
                "none: null, list: just one, columns: [a, 2]",
                false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  const all_config *v = m.c->data;
  CU_ASSERT_EQUAL(v->flag, 0);
  CU_ASSERT_EQUAL(v->count, 100);
  CU_ASSERT_EQUAL(v->k, 12);
  CU_ASSERT_EQUAL(v->share, 0.1);
  CU_ASSERT_STRING_EQUAL(v->name, "5");
  CU_ASSERT_STRING_EQUAL(v->text, "@x");
  CU_ASSERT_STRING_EQUAL(v->key, "HF_TOKEN");
  CU_ASSERT_PTR_NULL(v->none);
  CU_ASSERT_EQUAL(v->list.count, 1);
  CU_ASSERT_STRING_EQUAL(v->list.items[0], "just one");
  CU_ASSERT_STRING_EQUAL(v->columns.items[1], "2");
  CU_ASSERT_STRING_EQUAL(config_string(m.c, &stage, "column"), "task");
  CU_ASSERT_PTR_NULL(config_string(m.c, &stage, "none"));
  CU_ASSERT_PTR_NULL(config_string(m.c, &stage, "count"));
  CU_ASSERT_PTR_NULL(config_string(m.c, &stage, "nothing"));
  const graph_stage *gs = g_ptr_array_index(m.g->stages, 0);
  CU_ASSERT_EQUAL(config_at(m.c, gs, "flag").column, 31);
  CU_ASSERT_EQUAL(config_at(m.c, gs, "nothing").column, gs->at.column);
  unmake(m);
}

static void test_json(void) {
  made m = make("input: f.jsonl, share: 0.1, columns: [a]", false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  g_autofree char *all = config_json(m.c, &stage, false);
  g_autofree char *key = config_json(m.c, &stage, true);
  CU_ASSERT_STRING_EQUAL(
      all, "{\"flag\":true,\"count\":-3,\"k\":\"auto\",\"share\":0.1,\"name\":\"a \\\"b\\\"\","
           "\"choice\":\"two\",\"text\":\"plain\",\"path\":\"p\",\"key\":\"API_KEY\","
           "\"input\":\"f.jsonl\",\"column\":\"request\",\"none\":null,\"list\":[\"x\",\"y\"],"
           "\"columns\":[\"a\"]}");
  CU_ASSERT_STRING_EQUAL(
      key, "{\"flag\":true,\"count\":-3,\"k\":\"auto\",\"share\":0.1,\"name\":\"a \\\"b\\\"\","
           "\"choice\":\"two\",\"text\":\"plain\",\"key\":\"API_KEY\",\"column\":\"request\","
           "\"none\":null,\"list\":[\"x\",\"y\"],\"columns\":[\"a\"]}");
  unmake(m);
}

static void collect(void *ctx, const char *param, const char *column) {
  g_string_append_printf(ctx, "%s=%s;", param, column);
}

static void test_columns(void) {
  made m = make("input: f, columns: [a, b]", false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  g_autoptr(GString) seen = g_string_new(NULL);
  config_columns(m.c, &stage, collect, seen);
  CU_ASSERT_STRING_EQUAL(seen->str, "column=request;columns=a;columns=b;");
  unmake(m);
}

static void test_unset_input(void) {
  made m = make("input: \"${input}\"", true);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  CU_ASSERT_STRING_EQUAL(((all_config *)m.c->data)->input, "");
  unmake(m);
}

static char *dir; /* of the installed data; main's */

static void test_text_file(void) {
  g_autofree char *file = g_build_filename(dir, "p.txt", NULL);
  CU_ASSERT_TRUE(g_file_set_contents(file, "two\nlines\n", -1, NULL));
  g_autofree char *written = g_strdup_printf("input: f, text: \"@%s\"", file);
  made m = make(written, false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  CU_ASSERT_STRING_EQUAL(((all_config *)m.c->data)->text, "two\nlines\n");
  unmake(m);
  /* Not beside the graph, but among the installed data. */
  m = make("input: f, text: \"@p.txt\"", false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  CU_ASSERT_STRING_EQUAL(((all_config *)m.c->data)->text, "two\nlines\n");
  unmake(m);
  g_unlink(file);
}

static void test_records(void) {
  made m = make_of(&parted, "parts: [{ name: a, words: [x, y] }, { least: 7, name: b }]", false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  clio_records parts = ((part_config *)m.c->data)->parts;
  CU_ASSERT_EQUAL_FATAL(parts.count, 2);
  const part *p = parts.items;
  CU_ASSERT_STRING_EQUAL(p[0].name, "a");
  CU_ASSERT_EQUAL(p[0].least, 1);
  CU_ASSERT_STRING_EQUAL(p[0].words.items[1], "y");
  CU_ASSERT_STRING_EQUAL(p[1].name, "b");
  CU_ASSERT_EQUAL(p[1].least, 7);
  CU_ASSERT_EQUAL(p[1].words.count, 0);
  g_autofree char *key = config_json(m.c, &parted, true);
  CU_ASSERT_STRING_EQUAL(key, "{\"parts\":[{\"name\":\"a\",\"least\":1,\"words\":[\"x\",\"y\"]},"
                              "{\"name\":\"b\",\"least\":7,\"words\":[]}]}");
  const graph_stage *gs = g_ptr_array_index(m.g->stages, 0);
  CU_ASSERT_EQUAL(config_at_item(m.c, gs, "parts", "b").column, 79);
  unmake(m);
}

/* What the table's default names is read from the installed data; a mapping stands as it is. */
static void test_default_record(void) {
  g_autofree char *parts = g_build_filename(dir, "parts", NULL);
  g_autofree char *file = g_build_filename(parts, "default.yaml", NULL);
  CU_ASSERT_EQUAL(g_mkdir(parts, 0700), 0);
  CU_ASSERT_TRUE(g_file_set_contents(file, "least: 3\nname: given\n", -1, NULL));
  made m = make_of(&parted, "max_bad_rows: 0.5", false);
  CU_ASSERT_PTR_NOT_NULL_FATAL(m.c);
  clio_records records = ((part_config *)m.c->data)->parts;
  CU_ASSERT_EQUAL_FATAL(records.count, 2);
  const part *p = records.items;
  CU_ASSERT_STRING_EQUAL(p[0].name, "given");
  CU_ASSERT_EQUAL(p[0].least, 3);
  CU_ASSERT_STRING_EQUAL(p[1].name, "plain");
  CU_ASSERT_EQUAL(p[1].least, 4);
  unmake(m);
  g_unlink(file);
  g_rmdir(parts);
}

int main(void) {
  static const unit_test tests[] = {
      {"defaults", test_defaults},
      {"written", test_written},
      {"json", test_json},
      {"columns", test_columns},
      {"unset input", test_unset_input},
      {"@file", test_text_file},
      {"records", test_records},
      {"default record", test_default_record},
  };
  dir = g_dir_make_tmp("clio-config-XXXXXX", NULL);
  g_setenv("CLIO_DATA_PATH", dir, TRUE);
  int failed = unit_main("config", tests, G_N_ELEMENTS(tests));
  g_rmdir(dir);
  g_free(dir);
  return failed;
}
