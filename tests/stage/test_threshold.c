/* test_threshold.c - aggregator/threshold: which values it proposes, how
 * numbers and times are cut, and what it says of wrong parameters. */
#include "bins.h"
#include "check.h"
#include "clio_test.h"

extern const clio_plugin clio_plugin_v0_aggregator_threshold;

static clio_test *open_stage(const char *columns) {
  clio_test *t = clio_test_open(clio_plugin_v0_aggregator_threshold.stages[0]);
  clio_test_param(t, "columns", columns);
  clio_test_policy(t)->cell_accounts = 2;
  clio_test_policy(t)->cell_conversations = 3;
  return t;
}

static const char schema[] = "account:i64? time:time? language:utf8?* turns:i64?* score:f64?* "
                             "refusal:bool?* tags:list?* plain:utf8";

/* English: 3 rows of 2 accounts. Thai: 3 rows of one. Malay: 2 rows of 2. */
static const char rows[] =
    "[{\"account\":1,\"time\":1793491200000000,\"language\":\"English\",\"turns\":3,\"score\":0.3,"
    "\"refusal\":true,\"tags\":[\"a\",\"b\"],\"plain\":\"x\"},"
    "{\"account\":1,\"time\":1793491200000000,\"language\":\"English\",\"turns\":4,\"score\":0.4,"
    "\"refusal\":false,\"tags\":[\"a\"],\"plain\":\"x\"},"
    "{\"account\":2,\"time\":1793491200000001,\"language\":\"English\",\"turns\":3,\"score\":0.49,"
    "\"refusal\":false,\"tags\":[\"a\"],\"plain\":\"x\"},"
    "{\"account\":3,\"language\":\"Thai\",\"turns\":9,\"score\":1.5,\"refusal\":false,"
    "\"plain\":\"x\"},"
    "{\"account\":3,\"language\":\"Thai\",\"turns\":-1,\"plain\":\"x\"},"
    "{\"account\":3,\"language\":\"Thai\",\"plain\":\"x\"},"
    "{\"language\":\"Malay\",\"plain\":\"x\"},{\"language\":\"Malay\",\"plain\":\"x\"}]";

static void proposes_what_enough_hold(void) {
  clio_test *t = open_stage("[\"language\",\"turns\",\"score\",\"refusal\",\"tags\",\"period\"]");
  clio_test_rows(t, "conversations", schema, rows);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "cells", NULL),
             "[{\"facet\":null,\"node\":null,\"column\":\"language\",\"value\":\"English\"},\n"
             "{\"facet\":null,\"node\":null,\"column\":\"turns\",\"value\":\"3-4\"},\n"
             "{\"facet\":null,\"node\":null,\"column\":\"score\",\"value\":\"0.25-0.5\"},\n"
             "{\"facet\":null,\"node\":null,\"column\":\"refusal\",\"value\":\"false\"},\n"
             "{\"facet\":null,\"node\":null,\"column\":\"tags\",\"value\":\"a\"},\n"
             "{\"facet\":null,\"node\":null,\"column\":\"period\",\"value\":\"2026-11-01\"}]");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

/* Rows without account stand for themselves; of equals the lower bytes stay. */
static void keeps_the_most_held(void) {
  clio_test *t = open_stage("[\"language\"]");
  clio_test_policy(t)->cell_conversations = 1;
  clio_test_policy(t)->cell_accounts = 1;
  clio_test_param(t, "max_values", "2");
  clio_test_rows(t, "conversations", schema, rows);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "cells", "value"),
             "[{\"value\":\"English\"},\n{\"value\":\"Malay\"}]");
  clio_test_close(t);
}

static void cuts_as_written(void) {
  clio_test *t = open_stage("[\"turns\"]");
  clio_test_policy(t)->cell_conversations = 1;
  clio_test_policy(t)->cell_accounts = 1;
  clio_test_param(t, "bins", "[\"turns: 1, 2-3, 4+\"]");
  clio_test_rows(t, "conversations", schema, rows);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "cells", "value"), "[{\"value\":\"2-3\"},\n{\"value\":\"4+\"}]");
  clio_test_close(t);
}

static void check_refused(const char *columns, const char *bins, const char *want) {
  clio_test *t = open_stage(columns);
  if (bins) clio_test_param(t, "bins", bins);
  clio_test_rows(t, "conversations", schema, rows);
  CHECK_REFUSED(t, CLIO_E_CONFIG, want);
  clio_test_close(t);
}

static void names_what_is_wrong(void) {
  check_refused("[\"langage\"]", NULL,
                "columns: 'langage' is not a facet; did you mean 'language'?");
  check_refused("[\"wholly_else\"]", NULL,
                "columns: 'wholly_else' is not a facet; those that reach this stage are: "
                "language, turns, score, refusal, tags, period");
  check_refused("[\"plain\"]", NULL,
                "columns: 'plain' is not a facet; those that reach this stage are: language, "
                "turns, score, refusal, tags, period");
  check_refused("[\"turns\",\"turns\"]", NULL, "columns: 'turns' is named twice");
  check_refused("[\"turns\"]", "[\"turns: 3, 2\"]",
                "bins: 'turns: 3, 2' is not a list of separate, rising bins; write it as "
                "'turns: 1, 2, 3-4, 5+'");
  check_refused("[\"turns\"]", "[\"language: 1\"]",
                "bins: 'language: 1' does not start with a number column that reaches this "
                "stage; write it as 'turns: 1, 2, 3-4, 5+'");
}

static void check_i64(int64_t value, const char *want) {
  char text[BIN_TEXT] = "";
  bins_auto_i64(value, text);
  CHECK_TEXT(text, want);
}

static void check_f64(double value, const char *want) {
  char text[BIN_TEXT] = "";
  bins_auto_f64(value, text);
  CHECK_TEXT(text, want);
}

static void check_period(int64_t seconds, const char *period, const char *want) {
  char text[BIN_TEXT] = "";
  bins_period(seconds * 1000000, period, text);
  CHECK_TEXT(text, want);
}

static void bins_are_powers_of_two(void) {
  check_i64(0, "0");
  check_i64(1, "1");
  check_i64(2, "2");
  check_i64(4, "3-4");
  check_i64(5, "5-8");
  check_i64(16, "9-16");
  check_i64(17, "17-32");
  check_i64(-1, "");
  check_f64(0, "0-0.25");
  check_f64(0.25, "0.25-0.5");
  check_f64(0.999, "0.75-1");
  check_f64(1, "1-2");
  check_f64(2, "2-4");
  check_f64(-0.1, "");
}

static void periods_begin_on_their_first_day(void) {
  check_period(0, "day", "1970-01-01");
  check_period(0, "week", "1969-12-29"); /* a Thursday's Monday */
  check_period(-1, "month", "1969-12-01");
  check_period(951782400, "day", "2000-02-29");
  check_period(951782400, "week", "2000-02-28");
  check_period(951782400, "month", "2000-02-01");
  check_period(1793491200, "month", "2026-11-01");
}

int main(void) {
  proposes_what_enough_hold();
  keeps_the_most_held();
  cuts_as_written();
  names_what_is_wrong();
  bins_are_powers_of_two();
  periods_begin_on_their_first_day();
  return CHECK_DONE();
}
