/* test_sentence.c - plugins/lib/sentence: where sentences end, and where not. */
#include "check.h"
#include "sentence.h"

/* The sentences of a text with '|' between them. */
static void expect(const char *text, const char *want) {
  char got[512] = "";
  int64_t pos = 0, start, end, len = (int64_t)strlen(text);
  while (sentence_next(text, len, &pos, &start, &end)) {
    CHECK(start < end && end <= len);
    size_t used = strlen(got);
    snprintf(got + used, sizeof got - used, "%s%.*s", used ? "|" : "", (int)(end - start),
             text + start);
  }
  CHECK_TEXT(got, want);
}

static void test_cuts(void) {
  expect("", "");
  expect(" \n ", "");
  expect("One. Two! Three? Four", "One.|Two!|Three?|Four");
  expect("Wait... what?! \"Yes.\" No.", "Wait... what?!|\"Yes.\"|No.");
  expect("It is 3.5 km, e.g. to J. R. Smith. Done.", "It is 3.5 km, e.g. to J. R. Smith.|Done.");
  expect("see node.js and a.b. now", "see node.js and a.b. now");
  expect("first line\nSecond line\n\nthird", "first line|Second line|third");
  expect("watch?v=1 is a link", "watch?v=1 is a link");
  expect("何ですか？教えて。はい", "何ですか？|教えて。|はい");
  expect("यह क्या है। बताओ", "यह क्या है।|बताओ");
  expect("ما هذا؟ نعم", "ما هذا؟|نعم");
}

/* A line broken for its length goes on; a short one or a new start does not. */
static void test_wraps(void) {
  expect("this is a line that was broken after many\nwords by an editor",
         "this is a line that was broken after many\nwords by an editor");
  expect("this is a line that ends after many words\nThis is another",
         "this is a line that ends after many words|This is another");
  expect("short\nlines", "short|lines");
  expect("среднее время ожидания равно\nтрём минутам",
         "среднее время ожидания равно\nтрём минутам");
}

static void test_question(void) {
  CHECK(sentence_is_question("what?", 5));
  CHECK(sentence_is_question("(what?)", 7));
  CHECK(sentence_is_question("what?!", 6));
  CHECK(sentence_is_question("何？", (int64_t)strlen("何？")));
  CHECK(!sentence_is_question("what? no", 8));
  CHECK(!sentence_is_question("", 0));
}

static void test_cut(void) {
  CHECK(sentence_cut("abc", 3, 10) == 3);
  CHECK(sentence_cut("abc def ghi", 11, 8) == 7);
  CHECK(sentence_cut("abcdefghi", 9, 4) == 4);
  CHECK(sentence_cut("日本語です", (int64_t)strlen("日本語です"), 2) == 6);
  CHECK(sentence_cut("a bcdefghij", 11, 8) == 8);
  CHECK(sentence_cut("", 0, 5) == 0);
}

int main(void) {
  test_cuts();
  test_wraps();
  test_question();
  test_cut();
  return CHECK_DONE();
}
