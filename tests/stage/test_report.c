/* test_report.c - report/json and report/csv: the exact files of a small
 * release, examples in public runs alone, and no cell a spreadsheet would run. */
#include <json-c/json.h>

#include "check.h"
#include "clio_test.h"
#include "jsonout.h"

extern const clio_plugin clio_plugin_v0_report_json, clio_plugin_v0_report_csv;

static const char run_schema[] =
    "mode:utf8 graph_hash:utf8? assume:utf8? privacy:utf8? seed:i64 conversations:i64 accounts:i64 "
    "suppressed:i64 public_why:utf8? caveat:utf8?";
static const char release_run[] =
    "[{\"mode\":\"release\",\"graph_hash\":\"ab12\",\"assume\":\"one_account_per_conversation\","
    "\"privacy\":\"{\\\"cluster\\\":{\\\"accounts\\\":25},\\\"none\\\":[],\\\"round\\\":5}\","
    "\"seed\":7,\"conversations\":120,\"accounts\":100,\"suppressed\":15,"
    "\"caveat\":\"names are weak\"}]";
static const char public_run[] =
    "[{\"mode\":\"public\",\"graph_hash\":\"ab12\",\"privacy\":\"{}\",\"seed\":7,"
    "\"conversations\":4,\"accounts\":3,\"suppressed\":0,\"public_why\":\"made up for this "
    "test\"}]";

static const char cluster_schema[] =
    "id:utf8 facet:utf8 level:i64 parent:utf8? name:utf8? description:utf8? conversations:i64 "
    "accounts:i64 organizations:i64 rest:bool x:f64? y:f64? rating:i64? auditor:utf8? node:i64?";
static const char clusters[] =
    "[{\"id\":\"t-root\",\"facet\":\"t\",\"level\":1,\"conversations\":120,\"accounts\":100,"
    "\"organizations\":1,\"rest\":false},"
    "{\"id\":\"t-0-1\",\"facet\":\"t\",\"level\":0,\"parent\":\"t-root\","
    "\"name\":\"Say \\\"hi\\\", then\\u0001 stop\",\"description\":\"Users said hi.\","
    "\"conversations\":105,\"accounts\":50,\"organizations\":3,\"rest\":false,\"x\":0.5,"
    "\"y\":-1.25,\"rating\":5,\"auditor\":\"rules\",\"node\":9},"
    "{\"id\":\"t-0-rest\",\"facet\":\"t\",\"level\":0,\"parent\":\"t-root\",\"conversations\":15,"
    "\"accounts\":0,\"organizations\":0,\"rest\":true}]";

static const char cell_schema[] = "id:utf8 facet:utf8 column:utf8 value:utf8 count:i64 ratio:f64";
static const char cells[] =
    "[{\"id\":\"t-root\",\"facet\":\"t\",\"column\":\"language\",\"value\":\"English\","
    "\"count\":90,\"ratio\":0.75},"
    "{\"id\":\"t-root\",\"facet\":\"t\",\"column\":\"language\",\"value\":\"Thai\",\"count\":30,"
    "\"ratio\":0.25},"
    "{\"id\":\"t-0-1\",\"facet\":\"t\",\"column\":\"turns\",\"value\":\"3-4\",\"count\":70,"
    "\"ratio\":0.6666666667},"
    "{\"id\":\"t-0-1\",\"facet\":\"t\",\"column\":\"period\",\"value\":\"2026-11-01\","
    "\"count\":40,\"ratio\":0.38}]";

static const char want_json[] =
    "{\n  \"clio\": 1,\n  \"run\": {\n    \"mode\": \"release\",\n    \"seed\": 7,\n"
    "    \"graph_hash\": \"ab12\",\n    \"conversations\": 120,\n    \"accounts\": 100,\n"
    "    \"privacy\": {\n      \"cluster\": {\n        \"accounts\": 25\n      },\n"
    "      \"none\": [],\n      \"round\": 5\n    },\n"
    "    \"assume\": \"one_account_per_conversation\",\n    \"caveat\": \"names are weak\"\n  },\n "
    " \"clusters\": [\n    {\n"
    "      \"id\": \"t-root\",\n      \"facet\": \"t\",\n      \"level\": 1,\n"
    "      \"parent\": null,\n      \"name\": null,\n      \"description\": null,\n"
    "      \"conversations\": 120,\n      \"accounts\": 100,\n      \"organizations\": 1,\n"
    "      \"facets\": {\n        \"language\": [\n          {\n            \"value\": "
    "\"English\",\n"
    "            \"count\": 90,\n            \"ratio\": 0.75\n          },\n          {\n"
    "            \"value\": \"Thai\",\n            \"count\": 30,\n            \"ratio\": 0.25\n"
    "          }\n        ]\n      },\n      \"periods\": []\n    },\n    {\n"
    "      \"id\": \"t-0-1\",\n      \"facet\": \"t\",\n      \"level\": 0,\n"
    "      \"parent\": \"t-root\",\n      \"name\": \"Say \\\"hi\\\", then\\u0001 stop\",\n"
    "      \"description\": \"Users said hi.\",\n      \"conversations\": 105,\n"
    "      \"accounts\": 50,\n      \"organizations\": 3,\n      \"x\": 0.5,\n"
    "      \"y\": -1.25,\n      \"audit\": {\n        \"rating\": 5,\n"
    "        \"auditor\": \"rules\"\n      },\n      \"facets\": {\n        \"turns\": [\n"
    "          {\n            \"value\": \"3-4\",\n            \"count\": 70,\n"
    "            \"ratio\": 0.666667\n          }\n        ]\n      },\n"
    "      \"periods\": [\n        {\n          \"start\": \"2026-11-01\",\n"
    "          \"count\": 40\n        }\n      ]\n    },\n    {\n"
    "      \"id\": \"t-0-rest\",\n      \"facet\": \"t\",\n      \"level\": 0,\n"
    "      \"parent\": \"t-root\",\n      \"conversations\": 15,\n      \"rest\": true\n    }\n"
    "  ],\n  \"suppressed\": {\n    \"conversations\": 15\n  }\n}\n";

static void plug(clio_test *t, const char *run_rows) {
  if (run_rows) clio_test_rows(t, "run", run_schema, run_rows);
  clio_test_rows(t, "clusters", cluster_schema, clusters);
  clio_test_rows(t, "cells", cell_schema, cells);
}

static void json_is_exact(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_report_json.stages[0]);
  plug(t, release_run);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_file(t, "clusters.json", NULL), want_json);
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

static void a_cell_of_nowhere_is_refused(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_report_json.stages[0]);
  plug(t, release_run);
  clio_test_rows(t, "cells", cell_schema,
                 "[{\"id\":\"t-7-7\",\"facet\":\"t\",\"column\":\"c\",\"value\":\"v\",\"count\":1,"
                 "\"ratio\":1}]");
  CHECK_REFUSED(t, CLIO_E_INTERNAL, "finish: a released cell names no released cluster");
  clio_test_close(t);
}

/* How many examples the leaf has, and the mode's notice. */
static size_t examples_of(clio_test *t, const char **ret_notice) {
  json_object *file = json_tokener_parse(clio_test_file(t, "clusters.json", NULL)), *run, *all,
              *examples = NULL, *notice = NULL;
  json_object_object_get_ex(file, "run", &run);
  json_object_object_get_ex(run, "notice", &notice);
  json_object_object_get_ex(file, "clusters", &all);
  json_object_object_get_ex(json_object_array_get_idx(all, 1), "examples", &examples);
  static char text[200];
  snprintf(text, sizeof text, "%s", notice ? json_object_get_string(notice) : "");
  *ret_notice = text;
  size_t count = examples ? json_object_array_length(examples) : 0;
  json_object_put(file);
  return count;
}

static void examples_are_for_public_runs(void) {
  const char *notice;
  clio_test *t = clio_test_open(clio_plugin_v0_report_json.stages[0]);
  clio_test_param(t, "examples", "2");
  plug(t, release_run);
  CHECK_REFUSED(t, CLIO_E_PRIVACY,
                "'examples' prints conversations, which only a public run may; set it to 0, "
                "or privacy.mode to public where the data are public");
  plug(t, public_run);
  clio_test_rows(t, "conversations", "cluster_t:i64?<request request:utf8?",
                 "[{\"cluster_t\":9,\"request\":\"one\"},{\"cluster_t\":8,\"request\":\"other\"},"
                 "{\"cluster_t\":9,\"request\":\"two\"},{\"cluster_t\":9,\"request\":\"three\"},"
                 "{\"request\":\"nowhere\"},{\"cluster_t\":9}]");
  CHECK_RUN(t);
  CHECK(examples_of(t, &notice) == 2);
  CHECK(strstr(notice, "public mode") != NULL);
  CHECK(strstr(clio_test_file(t, "clusters.json", NULL), "other") == NULL);
  CHECK(strstr(clio_test_file(t, "clusters.json", NULL), "made up for this test") != NULL);
  clio_test_param(t, "examples", "20");
  CHECK_RUN(t);
  CHECK(examples_of(t, &notice) == 3);
  clio_test_close(t);
}

/* How every line of the CSV files ends: its mode and what its counts rest on. */
#define TERMS ",release,one_account_per_conversation,names are weak\r\n"

static void csv_is_exact(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_report_csv.stages[0]);
  plug(t, release_run);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_file(t, "clusters.csv", NULL),
             "id,facet,level,parent,name,description,conversations,accounts,organizations,x,y,"
             "rating,auditor,rest,mode,assume,caveat\r\n"
             "t-root,t,1,,,,120,100,1,,,,,0" TERMS
             "t-0-1,t,0,t-root,\"Say \"\"hi\"\", then\001 stop\",Users said hi.,105,50,3,0.5,-1.25,"
             "5,rules,0" TERMS "t-0-rest,t,0,t-root,,,15,,,,,,,1" TERMS);
  CHECK_TEXT(clio_test_file(t, "facets.csv", NULL),
             "id,facet,column,value,count,ratio,mode,assume,caveat\r\n"
             "t-root,t,language,English,90,0.75" TERMS "t-root,t,language,Thai,30,0.25" TERMS
             "t-0-1,t,turns,3-4,70,0.666667" TERMS "t-0-1,t,period,2026-11-01,40,0.38" TERMS);
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

/* A value as a spreadsheet would get it. */
static void check_cell(const char *json_value, const char *want) {
  char rows[400], line[400];
  clio_test *t = clio_test_open(clio_plugin_v0_report_csv.stages[0]);
  plug(t, release_run);
  snprintf(rows, sizeof rows,
           "[{\"id\":\"t-root\",\"facet\":\"t\",\"column\":\"c\",\"value\":\"%s\",\"count\":1,"
           "\"ratio\":1}]",
           json_value);
  clio_test_rows(t, "cells", cell_schema, rows);
  CHECK_RUN(t);
  snprintf(line, sizeof line,
           "id,facet,column,value,count,ratio,mode,assume,caveat\r\nt-root,t,c,%s,1,1" TERMS, want);
  CHECK_TEXT(clio_test_file(t, "facets.csv", NULL), line);
  clio_test_close(t);
}

static void csv_runs_no_formula(void) {
  check_cell("=1+1", "'=1+1");
  check_cell("+1", "'+1");
  check_cell("-2", "'-2");
  check_cell("@SUM(A1)", "'@SUM(A1)");
  check_cell("\\t=1", "'\t=1");
  check_cell("\\r=1", "\"'\r=1\"");
  check_cell("\\n=1", "\"'\n=1\"");
  check_cell("\\uff1d1", "'\xef\xbc\x9d"
                         "1");
  check_cell("\\uff0b1", "'\xef\xbc\x8b"
                         "1");
  check_cell("\\uff0d1", "'\xef\xbc\x8d"
                         "1");
  check_cell("\\uff20x", "'\xef\xbc\xa0x");
  check_cell("\\u22121", "'\xe2\x88\x92"
                         "1");
  check_cell("=HYPERLINK(\\\"http://x\\\",\\\"a\\\")",
             "\"'=HYPERLINK(\"\"http://x\"\",\"\"a\"\")\"");
  check_cell("a=b", "a=b");
  check_cell("3-4", "3-4");
  check_cell(" x", "\" x\"");
}

static void reals_are_short(void) {
  char text[40];
  const struct {
    double value;
    const char *want;
  } cases[] = {{0, "0"},
               {1, "1"},
               {0.1, "0.1"},
               {-0.5, "-0.5"},
               {1.0 / 3, "0.333333"},
               {1e-9, "0"},
               {1e15, "1000000000000"},
               {100, "100"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    jsonout_format_real(cases[i].value, text);
    CHECK_TEXT(text, cases[i].want);
  }
}

int main(void) {
  json_is_exact();
  a_cell_of_nowhere_is_refused();
  examples_are_for_public_runs();
  csv_is_exact();
  csv_runs_no_formula();
  reals_are_short();
  return CHECK_DONE();
}
