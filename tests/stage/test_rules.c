/* test_rules.c - auditor/rules: each kind of find by its rating and reason. */
#include "check.h"
#include "clio_test.h"
#include "text_service.h"

extern const clio_plugin clio_plugin_v0_auditor_rules;

static clio_test *open_rules(void) {
  clio_test *t = clio_test_open(clio_plugin_v0_auditor_rules.stages[0]);
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  return t;
}

/* The rating and reason of one text. */
static void expect(const char *json_text, const char *want) {
  char row[512];
  clio_test *t = open_rules();
  snprintf(row, sizeof row, "[{\"text\":\"%s\",\"place\":\"name\"}]", json_text);
  clio_test_rows(t, "texts", "text:utf8 place:utf8 facet:utf8? node:i64?", row);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "texts", "rating reason"), want);
  clio_test_close(t);
}

static void test_personal(void) {
  expect("Mails to ann@example.org", "[{\"rating\":1,\"reason\":\"it holds an e-mail address\"}]");
  expect("Calls to +44 20 7946 0958",
         "[{\"rating\":1,\"reason\":\"it holds a telephone number\"}]");
  expect("Questions about Emily Watson",
         "[{\"rating\":1,\"reason\":\"it holds a person's name\"}]");
  expect("Life at 12 Main Street", "[{\"rating\":1,\"reason\":\"it holds a postal address\"}]");
  expect("Posts of @some_body", "[{\"rating\":1,\"reason\":\"it holds a user name\"}]");
  expect("Use of sk-abcDEF123456ghiJKL789",
         "[{\"rating\":1,\"reason\":\"it holds a key or password\"}]");
}

static void test_less_personal(void) {
  expect("Complaints about Acme GmbH", "[{\"rating\":2,\"reason\":\"it names an organization\"}]");
  expect("Reading https://example.org/a", "[{\"rating\":2,\"reason\":\"it holds a web address\"}]");
  expect("Events of 1999", "[{\"rating\":2,\"reason\":\"it holds a run of four or more digits\"}]");
  expect("Events of 1999 told by Emily Watson",
         "[{\"rating\":1,\"reason\":\"it holds a person's name\"}]");
}

static void test_harmless(void) {
  expect("Writing poems and short stories", "[{\"rating\":5,\"reason\":null}]");
  expect("Writing Poems And Short Stories", "[{\"rating\":5,\"reason\":null}]");
  expect("Debugging SQL and HTML", "[{\"rating\":5,\"reason\":null}]");
  expect("Рецепты и советы по кухне", "[{\"rating\":5,\"reason\":null}]");
  expect("プログラミングの質問", "[{\"rating\":5,\"reason\":null}]");
  expect("travel plans for the Alps in winter",
         "[{\"rating\":4,\"reason\":\"it holds a word that looks like a name\"}]");
  expect("how the Alps, the Andes and the Urals came to be what they are",
         "[{\"rating\":3,\"reason\":\"it holds several words that look like names\"}]");
  expect("", "[{\"rating\":5,\"reason\":null}]");
}

static void test_params(void) {
  clio_test *t = open_rules();
  clio_test_rows(t, "texts", "text:utf8 place:utf8", "[{\"text\":\"in 1999\",\"place\":\"name\"}]");
  clio_test_param(t, "number", "4");
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "texts", "rating"), "[{\"rating\":4}]");
  clio_test_param(t, "number", "6");
  CHECK_REFUSED(t, CLIO_E_CONFIG, "parameter 'number': 6 is outside 1 to 5");
  clio_test_param(t, "number", NULL);
  clio_test_service(t, CLIO_TEXT_ID, NULL);
  CHECK_REFUSED(t, CLIO_E_UNSUPPORTED,
                "process: this host does not offer the service 'clio.text/1'");
  clio_test_service(t, CLIO_TEXT_ID, text_service());
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

int main(void) {
  if (!text_service()) return 1;
  test_personal();
  test_less_personal();
  test_harmless();
  test_params();
  return CHECK_DONE();
}
