/* test_language.c - extractor/language: which language, what is left out of the
 * text first, what is too little. */
#include "check.h"
#include "clio_test.h"
#include "language_text.h"

extern const clio_plugin clio_plugin_v0_extractor_language;

/* The language of one message of the user, "null" for none. */
static const char *language_of(const char *json_text) {
  static char said[64];
  char rows[4096];
  snprintf(rows, sizeof rows, "[{\"role\":[\"assistant\",\"user\"],\"content\":[\"%s\",%s]}]",
           "Das ist ein deutscher Satz, den das Modell geschrieben hat und der nicht zaehlt.",
           json_text);
  clio_test *t = clio_test_open(clio_plugin_v0_extractor_language.stages[0]);
  clio_test_rows(t, "conversations", "role:list content:list", rows);
  CHECK_RUN(t);
  const char *json = clio_test_json(t, "conversations", NULL);
  const char *value = json ? strchr(json, ':') : NULL;
  size_t n = value ? strcspn(value, "}") : 0;
  snprintf(said, sizeof said, "%.*s", n ? (int)n - 1 : 0, value ? value + 1 : "");
  clio_test_close(t);
  return said;
}

static void test_languages(void) {
  static const struct {
    const char *text, *language;
  } cases[] = {
      {"\"Could you help me write a letter to my landlord about the broken heating?\"",
       "\"English\""},
      {"\"\xc2\xbfMe puedes ayudar a escribir una carta a mi casero por la calefacci\xc3\xb3n?\"",
       "\"Spanish\""},
      {"\"\xd0\x9f\xd0\xbe\xd0\xbc\xd0\xbe\xd0\xb3\xd0\xb8 \xd0\xbc\xd0\xbd\xd0\xb5 "
       "\xd0\xbd\xd0\xb0\xd0\xbf\xd0\xb8\xd1\x81\xd0\xb0\xd1\x82\xd1\x8c "
       "\xd0\xbf\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe "
       "\xd0\xbd\xd0\xb0\xd1\x87\xd0\xb0\xd0\xbb\xd1\x8c\xd0\xbd\xd0\xb8\xd0\xba\xd1\x83\"",
       "\"Russian\""},
      {"\"\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf\"", "\"Japanese\""},
      {"\"\xe6\x9d\xb1\xe4\xba\xac\xe3\x81\xaf\"", "\"Japanese\""},
      {"\"\xe4\xbd\xa0\xe5\xa5\xbd\"", "\"Chinese\""},
      {"\"\xec\x95\x88\xeb\x85\x95\"", "\"Korean\""},
      {"\"\xce\x93\xce\xb5\xce\xb9\xce\xb1\"", "\"Greek\""},
      {"\"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\"", "\"Hebrew\""},
      {"\"\xe4\xbd\xa0\xe5\xa5\xbd```int main(void) { return strlen(name); } // the code "
       "is in English words here```\"",
       "\"Chinese\""},
      {"\"ok\"", "null"},
      {"\"\"", "null"},
      {"\"12345 + 678 = ?\"", "null"},
      {"\"https://example.org/this/is/an/address/with/many/english/words/in/it\"", "null"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_TEXT(language_of(cases[i].text), cases[i].language);
}

static void test_strip(void) {
  static const struct {
    const char *text, *left;
  } cases[] = {
      {"plain text", "plain text"},
      {"a ```code``` b", "a   b"},
      {"a ```never closed", "a  "},
      {"a ~~~c~~~ b `x = 1` c", "a   b   c"},
      {"a ` lonely\nb` c", "a ` lonely\nb` c"},
      {"see https://a.b/c?d now", "see   now"},
      {"mail me@example.org, please @you", "mail   please @you"},
      {"www.example.org", " "},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char left[100];
    size_t n = language_strip(cases[i].text, strlen(cases[i].text), left);
    left[n] = '\0';
    CHECK_TEXT(left, cases[i].left);
  }
}

static void test_scripts(void) {
  CHECK(!language_of_script("hello", 5));
  CHECK(!language_of_script("", 0));
  CHECK(!language_of_script("12 !?", 5));
  CHECK_TEXT(language_of_script("\xe0\xb8\xaa\xe0\xb8\xa7\xe0\xb8\xb1", 9), "th");
  CHECK(!language_of_script("\xe0\xb8\xaa hello there", 15));
}

/* A long text is cut between characters. */
static void test_long(void) {
  static char text[200000];
  size_t n = 0;
  text[n++] = '"';
  while (n < sizeof text - 60)
    n += (size_t)snprintf(
        text + n, sizeof text - n, "%s",
        "\xe3\x81\x93\xe3\x82\x8c\xe3\x81\xaf\xe6\x9c\xac\xe3\x81\xa7\xe3\x81\x99");
  snprintf(text + n, sizeof text - n, "\"");
  static char rows[210000];
  snprintf(rows, sizeof rows, "[{\"role\":[\"user\"],\"content\":[%s]}]", text);
  clio_test *t = clio_test_open(clio_plugin_v0_extractor_language.stages[0]);
  clio_test_rows(t, "conversations", "role:list content:list", rows);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", NULL), "[{\"language\":\"Japanese\"}]");
  CHECK_TEXT(clio_test_planned(t, "conversations", "language"), "language:utf8?*");
  CHECK_TEXT(clio_test_torture(t) == CLIO_OK ? "" : clio_test_error(t), "");
  clio_test_close(t);
}

int main(void) {
  test_languages();
  test_strip();
  test_scripts();
  test_long();
  return CHECK_DONE();
}
