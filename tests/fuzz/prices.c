/* prices.c (fuzz) - files of prices of any bytes: what is refused has findings, and what
 * is taken never makes a cost negative, beyond the most there is, or above its upper
 * bound. See replay.h. */
#include <glib.h>
#include <stdio.h>

#include "prices.h"
#include "replay.h"

static void check_price(const price *pr) {
  static const int64_t counts[] = {0, 1, 1000, 1001, 1000000000};
  g_autofree char *row = price_json(pr);
  replay_require(g_utf8_validate(row, -1, NULL), "a row is invalid UTF-8");
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
    price_usage u = {.input = counts[i], .cache_read = counts[i] / 2, .output = counts[i] / 3};
    int64_t cost = price_cost(pr, &u), upper = price_upper(pr, u.input, u.output, 0);
    replay_require(cost >= MONEY_UNKNOWN && cost <= MONEY_MAX, "a cost is none");
    replay_require(cost <= upper, "a cost is above its upper bound");
    u.batch = true;
    replay_require(price_cost(pr, &u) <= cost, "a batch costs more");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static const char *const models[] = {"one", "ooone", "one-20260131", "one-2026-01-31", ""};
  diag *d = diag_new("fuzz.yaml", (const char *)bytes, length);
  prices *p = prices_parse((const char *)bytes, length, d);
  replay_require((p != NULL) == (diag_errors(d) == 0), "what is taken and the errors disagree");
  for (size_t i = 0; p && i < G_N_ELEMENTS(models); i++) {
    const price *pr = prices_find(p, "acme", "api.acme.test", models[i], "2026-11-24");
    if (pr) check_price(pr);
  }
  prices_free(p);
  diag_free(d);
  return 0;
}

#ifndef CLIO_LIBFUZZER
int main(int argc, char **argv) { return replay_main(argc, argv, "prices-corpus"); }
#endif
