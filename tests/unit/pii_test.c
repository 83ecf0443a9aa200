/* pii_test.c - what the scanner finds and what it leaves alone, kind by kind;
 * overlaps, redaction, hostile text. All persons and numbers are made up. */
#include "pii.h"

#include <CUnit/Basic.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

typedef struct finds {
  const char *text;
  GString *out;
  int64_t last;
} finds;

/* "kind:what is found", with '|' between. */
static clio_status note_find(void *ctx, uint32_t kind, int64_t start, int64_t end) {
  finds *f = ctx;
  CU_ASSERT_TRUE(start >= f->last && end > start);
  f->last = end;
  g_string_append_printf(f->out, "%s%s:%.*s", f->out->len ? "|" : "", pii_kind_name(kind),
                         (int)(end - start), f->text + start);
  return CLIO_OK;
}

static void expect(const char *text, const char *want) {
  finds f = {text, g_string_new(""), 0};
  CU_ASSERT_EQUAL(pii_scan(text, (int64_t)strlen(text), note_find, &f), CLIO_OK);
  if (strcmp(f.out->str, want) != 0)
    fprintf(stderr, "\nin '%s':\n  got  '%s'\n  want '%s'\n", text, f.out->str, want);
  CU_ASSERT_STRING_EQUAL(f.out->str, want);
  g_string_free(f.out, TRUE);
}

/* The same in a long text, which may be looked through another way. */
static void expect_in_long(const char *text, const char *want) {
  g_autofree char *line = g_strnfill(60, '.');
  g_autoptr(GString) padded = g_string_new(NULL);
  for (int i = 0; i < 10; i++) g_string_append_printf(padded, "%s\n", line);
  g_string_append_printf(padded, "%s\n%s", text, line);
  expect(padded->str, want);
}

static void expect_all(const char *const (*cases)[2], size_t count) {
  for (size_t i = 0; i < count; i++) {
    expect(cases[i][0], cases[i][1]);
    expect_in_long(cases[i][0], cases[i][1]);
  }
}
#define EXPECT_ALL(cases) expect_all(cases, G_N_ELEMENTS(cases))

static void test_nothing(void) {
  static const char *const plain[] = {
      "",
      "   ",
      "How do I sort a list in Python?",
      "Write a short poem about the sea, please.",
      "Explain the difference between a Monad and a Functor",
      "Creative Writing And Story Ideas",
      "Help With Python Code And Debugging",
      "It costs $12.50, or 3 for 30; 25% off until 10:45.",
      "Version 1.2.3 of Node.js and socket.io in README.md",
      "@media screen { color: red }",
      "@Override\npublic void run() {}",
      "the answer to 5 minutes down the road is 12",
      "2 way street, 4 lane highway, a 3 bedroom flat",
      "New York, San Diego and Costa Rica in May",
      "Die Katze sitzt auf dem Dach und Der Hund bellt.",
      "Как приготовить борщ?",
      "日本の歴史について教えてください。",
      "Bayes Theorem and the Nash Equilibrium",
      "She will mark the grace period on Sunday.",
      "password must be strong; the token is a word",
      "a[1::2, 3] = b[::2]",
      "SELECT name FROM users WHERE id = 12",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) expect(plain[i], "");
}

static void test_email(void) {
  static const char *const cases[][2] = {
      {"write to ann.lee+x@example.co.uk!", "email:ann.lee+x@example.co.uk"},
      {"请联系test@example.com谢谢", "email:test@example.com"},
      {"<a href=\"mailto:info@example.org\">", "email:info@example.org"},
      {"почта иван@пример.рф", "email:иван@пример.рф"},
      {"user@localhost and a@b", ""},
  };
  EXPECT_ALL(cases);
}

static void test_web(void) {
  static const char *const cases[][2] = {
      {"see https://example.com/a?b=1.", "url:https://example.com/a?b=1"},
      {"(www.example.org/x)", "url:www.example.org/x"},
      {"try example.com or docs.example.de/start", "url:example.com|url:docs.example.de/start"},
      {"log.in and asp.net and is.it", ""},
      {"follow @some_body on it", "handle:@some_body"},
      {"@param x and @return y", ""},
      {"from 192.168.10.1 to 10.0.0.255", "ip:192.168.10.1|ip:10.0.0.255"},
      {"not 999.1.1.1 nor 1.2.3", ""},
      {"at 2001:db8:0:0:0:ff00:42:8329 now", "ip:2001:db8:0:0:0:ff00:42:8329"},
      {"at fe80::1ff:fe23:4567:890a now", "ip:fe80::1ff:fe23:4567:890a"},
      {"std::vector and 10:30:00", ""},
  };
  EXPECT_ALL(cases);
}

static void test_phone(void) {
  static const char *const cases[][2] = {
      {"call +44 20 7946 0958 today", "phone:+44 20 7946 0958"},
      {"(212) 555-0143 or 212-555-0143", "phone:(212) 555-0143|phone:212-555-0143"},
      {"+1-202-555-0175 x12", "phone:+1-202-555-0175 x12"},
      {"Tel. 030 123456 78", "phone:030 123456 78"},
      {"mein Handy: 0171/2345678", "phone:0171/2345678"},
      {"06 12 34 56 78", "phone:06 12 34 56 78"},
      {"звоните 8 (912) 345-67-89", "phone:8 (912) 345-67-89"},
      {"phone: 555 0143", "phone:555 0143"},
      {"in 1990-1995 and 2019/2020", "number:1990|number:1995|number:2019|number:2020"},
      {"on 2021-03-04 and 3/4/2021", "number:2021|number:2021"},
      {"12 000 000 people, 1.500.000 euros", ""},
      {"10 20 30 40 50", ""},
      {"0.6233 / 0.0108", "number:6233|number:0108"},
  };
  EXPECT_ALL(cases);
}

static void test_numbers(void) {
  static const char *const cases[][2] = {
      {"card 4111 1111 1111 1111 ok", "card:4111 1111 1111 1111"},
      {"card 4111111111111112", "number:4111111111111112"}, /* fails Luhn */
      {"378282246310005", "card:378282246310005"},
      {"IBAN GB82 WEST 1234 5698 7654 32", "iban:GB82 WEST 1234 5698 7654 32"},
      {"DE89370400440532013000.", "iban:DE89370400440532013000"},
      {"my SSN is 123-45-6789", "id:123-45-6789"},
      {"CPF 123.456.789-09", "id:123.456.789-09"},
      {"DNI 12345678Z", "id:12345678Z"},
      {"licence number F162823540116", "id:F162823540116"},
      {"id 123e4567-e89b-12d3-a456-426614174000", "id:123e4567-e89b-12d3-a456-426614174000"},
      {"MAC 00:1b:63:84:45:e6", "id:00:1b:63:84:45:e6"},
      {"order 12345 of 2024", "number:12345|number:2024"},
      {"room 123, 45 seats", ""},
      {"عام ٢٠٢٦", "number:٢٠٢٦"},
  };
  EXPECT_ALL(cases);
}

static void test_key(void) {
  static const char *const cases[][2] = {
      {"key AKIAIOSFODNN7EXAMPLE here", "key:AKIAIOSFODNN7EXAMPLE"},
      {"sk-abcDEF123456ghiJKL789", "key:sk-abcDEF123456ghiJKL789"},
      {"ghp_0123456789abcdefABCDEF0123456789abcd", "key:ghp_0123456789abcdefABCDEF0123456789abcd"},
      {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_1",
       "key:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_1"},
      {"hash d41d8cd98f00b204e9800998ecf8427e", "key:d41d8cd98f00b204e9800998ecf8427e"},
      {"password: hunter2!x", "key:hunter2!x"},
      {"api_key = \"Zq81LmNo\"", "key:Zq81LmNo"},
      {"password = getpass()", ""},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
      {"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\nok",
       "key:-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----"},
      {"-----BEGIN CERTIFICATE-----", ""},
  };
  EXPECT_ALL(cases);
}

static void test_address(void) {
  static const char *const cases[][2] = {
      {"at 12 Main Street today", "address:12 Main Street"},
      {"221b Baker St., London", "address:221b Baker St."},
      {"Er wohnt in der Musterstraße 12.", "address:Musterstraße 12"},
      {"Hauptstr. 5a, 10115 Berlin", "address:Hauptstr. 5a, 10115 Berlin"},
      {"5 rue de la Paix", "address:5 rue de la Paix"},
      {"la Calle Mayor, 12", "address:Calle Mayor, 12"},
      {"abito in Via Roma 3", "address:Via Roma 3"},
      {"ул. Ленина, д. 5", "address:ул. Ленина, д. 5"},
      {"ul. Długa 7", "address:ul. Długa 7"},
      {"Kossuth Lajos utca 3", "address:Kossuth Lajos utca 3"},
      {"Keizersgracht 123", "address:Keizersgracht 123"},
      {"Storgatan 4", "address:Storgatan 4"},
      {"PO Box 123, thanks", "address:PO Box 123"},
      {"Springfield, IL 62704", "address:IL 62704"},
      {"SW1A 1AA", "address:SW1A 1AA"},
      {"Address: 7 Hill View, Leeds", "address:7 Hill View, Leeds"},
      {"ship it to 44 Oak Avenue, Apt. 5", "address:44 Oak Avenue, Apt. 5"},
      {"address: 0x7fff is invalid", ""},
  };
  EXPECT_ALL(cases);
}

static void test_person(void) {
  static const char *const cases[][2] = {
      {"a letter to Emily Watson about tea", "person:Emily Watson"},
      {"my name is Zorblax", "person:Zorblax"},
      {"je m'appelle Xyphor", "person:Xyphor"},
      {"Меня зовут Ксандр", "person:Ксандр"},
      {"Dr. Quandary said no", "person:Dr. Quandary"},
      {"ask Frau Müller-Lüdenscheidt", "person:Frau Müller-Lüdenscheidt"},
      {"Mme Dupont est là", "person:Mme Dupont"},
      {"Ludwig van Beethoven's ninth", "person:Ludwig van Beethoven"},
      {"письмо Анне Петровой", "person:Анне Петровой"},
      {"i am anna kowalska", "person:anna kowalska"},
      {"Hi Zendara, how are you", "person:Zendara"},
      {"JOHN SMITH", "person:JOHN SMITH"},
      {"我叫李明，请问", "person:李明"},
      {"田中さんに聞いた", "person:田中"},
      {"Name: Xor Quill", "person:Xor Quill"},
      {"I will grant you hope", ""},
      {"Beverly Hills and Franklin Street", ""},
      {"a summer in Paris", ""},
  };
  EXPECT_ALL(cases);
}

static void test_organization(void) {
  static const char *const cases[][2] = {
      {"works at Acme Widgets GmbH in", "organization:Acme Widgets GmbH"},
      {"bought by Foobar, Inc. in", "organization:Foobar, Inc."},
      {"из ООО «Ромашка»", "organization:ООО «Ромашка"},
      {"the Stanford University site", "organization:Stanford University"},
      {"Save As and Gabriel se fue", "person:Gabriel"},
      {"a limited company", ""},
  };
  EXPECT_ALL(cases);
}

/* Overlapping finds become one, with all their bytes and the more telling kind. */
static void test_overlap(void) {
  expect("https://example.com/john@example.org/x", "email:https://example.com/john@example.org/x");
  expect("http://10.1.2.3:80/x", "ip:http://10.1.2.3:80/x");
}

static void test_redact(void) {
  const char *text = "mail ann@example.org, call +44 20 7946 0958.";
  int64_t len;
  g_autofree char *got = pii_redact(text, (int64_t)strlen(text), &len);
  CU_ASSERT_STRING_EQUAL(got, "mail [email], call [phone].");
  CU_ASSERT_EQUAL(len, (int64_t)strlen(got));
  g_autofree char *plain = pii_redact("nothing here", 12, &len);
  CU_ASSERT_STRING_EQUAL(plain, "nothing here");
  g_autofree char *broken = pii_redact("\xFF\xFE a@b.com", 10, &len);
  CU_ASSERT_STRING_EQUAL(broken, "\xFF\xFE [email]");
}

static clio_status stop_at_once(void *ctx, uint32_t kind, int64_t start, int64_t end) {
  (void)kind;
  (void)start;
  (void)end;
  return ++*(int *)ctx == 1 ? CLIO_E_CANCELLED : CLIO_OK;
}

static void test_stop(void) {
  int n = 0;
  const char *text = "a@b.com c@d.com";
  CU_ASSERT_EQUAL(pii_scan(text, (int64_t)strlen(text), stop_at_once, &n), CLIO_E_CANCELLED);
  CU_ASSERT_EQUAL(n, 1);
}

/* The callback may scan a text itself. */
static clio_status scan_again(void *ctx, uint32_t kind, int64_t start, int64_t end) {
  (void)kind;
  int64_t len;
  g_autofree char *inner = pii_redact((const char *)ctx + start, end - start, &len);
  CU_ASSERT_STRING_EQUAL(inner, "[email]");
  return CLIO_OK;
}

static void test_nested(void) {
  char text[] = "a@b.com c@d.com";
  CU_ASSERT_EQUAL(pii_scan(text, (int64_t)strlen(text), scan_again, text), CLIO_OK);
}

static clio_status count_find(void *ctx, uint32_t kind, int64_t start, int64_t end) {
  (void)kind;
  CU_ASSERT_TRUE(start < end);
  ++*(int *)ctx;
  return CLIO_OK;
}

/* A megabyte of each of these takes well under a second; the bound is loose for
 * slow machines and sanitizers, and still catches anything quadratic. */
static void test_hostile(void) {
  static const char *const units[] = {
      "a",
      "1",
      "1 ",
      "a@",
      "a@a.",
      "a.",
      "1-",
      "1:",
      "A1",
      "Ab ",
      "J. ",
      "rue 1 ",
      "apt 1\n",
      "(1",
      "GB12 ABCD ",
      "eyJ",
      "www.a",
      "日本",
      "王先生",
      "\xFF",
      "de Van ",
      "Dr. ",
      "::",
      "東京都1-",
      "a-b.",
      "+1 ",
      "1 A\n",
      "password: ",
      "address: ",
      "http://",
      "-----BEGIN KEY ",
      "12 Main Main Main ",
      "0000 ",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
    g_autoptr(GString) text = g_string_new("");
    while (text->len < 1000000) g_string_append(text, units[i]);
    gint64 start = g_get_monotonic_time();
    int n = 0;
    CU_ASSERT_EQUAL(pii_scan(text->str, (int64_t)text->len, count_find, &n), CLIO_OK);
    double seconds = (double)(g_get_monotonic_time() - start) / 1e6;
    if (seconds > 20) fprintf(stderr, "'%s': %.1f s\n", units[i], seconds);
    CU_ASSERT_TRUE(seconds < 20);
  }
}

/* Random bytes and pieces of finds: nothing to assert but that finds are in
 * order and inside the text, and that no byte is lost by redaction. */
static void test_random(void) {
  static const char *const parts[] = {
      "a@b.com", "12 Main St",       "+1 555 0100", " ", "\n",      ".",         "Dr. X", "\xF0",
      "日本",    "4111111111111111", "é",           ":", "Ann Lee", "www.a.org", "\0"};
  g_autoptr(GRand) rand = g_rand_new_with_seed(3);
  for (int round = 0; round < 3000; round++) {
    g_autoptr(GString) text = g_string_new("");
    for (int i = g_rand_int_range(rand, 0, 20); i > 0; i--)
      g_string_append(text, parts[g_rand_int_range(rand, 0, G_N_ELEMENTS(parts))]);
    finds f = {text->str, g_string_new(""), 0};
    CU_ASSERT_EQUAL(pii_scan(text->str, (int64_t)text->len, note_find, &f), CLIO_OK);
    CU_ASSERT_TRUE(f.last <= (int64_t)text->len);
    g_string_free(f.out, TRUE);
  }
}

int main(void) {
  error e = {0};
  if (pii_init(&e) != CLIO_OK) {
    fprintf(stderr, "%s\n", e.text);
    return 1;
  }
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_pSuite s = CU_add_suite("pii", NULL, NULL);
  CU_add_test(s, "nothing", test_nothing);
  CU_add_test(s, "email", test_email);
  CU_add_test(s, "web", test_web);
  CU_add_test(s, "phone", test_phone);
  CU_add_test(s, "numbers", test_numbers);
  CU_add_test(s, "key", test_key);
  CU_add_test(s, "address", test_address);
  CU_add_test(s, "person", test_person);
  CU_add_test(s, "organization", test_organization);
  CU_add_test(s, "overlap", test_overlap);
  CU_add_test(s, "redact", test_redact);
  CU_add_test(s, "stop", test_stop);
  CU_add_test(s, "nested", test_nested);
  CU_add_test(s, "hostile", test_hostile);
  CU_add_test(s, "random", test_random);
  CU_basic_set_mode(CU_BRM_NORMAL);
  CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  CU_cleanup_registry();
  return failed ? 1 : 0;
}
