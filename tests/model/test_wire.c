/* test_wire.c - what the wire models share, where their own tests do not reach: durations,
 * and estimates of tokens against what public tokenizers make of public sentences. */
#include <stdint.h>

#include "check.h"
#include "wire.h"

static void test_durations(void) {
  static const struct {
    const char *text;
    int64_t ms;
  } rows[] = {{"6m0s", 360000}, {"1s", 1000},       {"12ms", 12},       {"1h2m3.5s", 3723500},
              {"250us", 1},     {"1.5ms", 2},       {"0s", 0},          {"7m12.48s", 432480},
              {"", -1},         {"3", -1},          {"s", -1},          {"-5s", -1},
              {"1e9s", -1},     {"999999999h", -1}, {"1s garbage", -1}, {"99999999999999999s", -1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (wire_duration(rows[i].text) == rows[i].ms) continue;
    fprintf(stderr, "duration '%s': %lld ms\n", rows[i].text,
            (long long)wire_duration(rows[i].text));
    check_failures++;
  }
}

/* One line of tokens.tsv: the lowest and highest counts of tokens among o200k_base, cl100k_base
 * and the vocabularies of Llama 2 and 3, and a sentence of our own. The likely number is between
 * two thirds of the lowest and the highest; the bound is none too low. */
static void check_sentence(char *line) {
  char *end;
  int64_t low = strtol(line, &end, 10), high = strtol(end, &end, 10);
  const char *text = end + 1;
  wire_tokens n = wire_count(text, strcspn(text, "\n"));
  CHECK(low > 0 && high >= low && *end == '\t');
  if (n.likely * 3 >= low * 2 && n.likely <= high && n.most >= high) return;
  fprintf(stderr, "%s  likely %lld, at most %lld; tokenizers: %lld to %lld\n", text,
          (long long)n.likely, (long long)n.most, (long long)low, (long long)high);
  check_failures++;
}

static void test_tokens(void) {
  const char *src = getenv("CLIO_SRC");
  char path[4096], line[1024];
  int lines = 0;
  snprintf(path, sizeof path, "%s/tests/model/tokens.tsv", src ? src : ".");
  FILE *f = fopen(path, "r");
  for (; f && fgets(line, sizeof line, f); lines++) check_sentence(line);
  if (f) fclose(f);
  CHECK(lines >= 15);
  CHECK(wire_count("", 0).most == 0);
  CHECK(wire_count("\xf0\x9f", 2).most > 0); /* cut inside a character: no read past it */
}

int main(void) {
  test_durations();
  test_tokens();
  return CHECK_DONE();
}
