/* money.c - see money.h. */
#include "money.h"

#include <glib.h>

enum { MICRO = 1000000, DECIMALS = 6 };

int64_t money_add(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) || sum > MONEY_MAX ? MONEY_MAX : sum;
}

money_exact money_product(int64_t tokens, int64_t rate) {
  return (money_exact)MAX(tokens, 0) * (money_exact)MAX(rate, 0);
}

int64_t money_round(money_exact millionths) {
  money_exact micro = (millionths + MICRO - 1) / MICRO;
  return micro > MONEY_MAX ? MONEY_MAX : (int64_t)micro;
}

bool money_parse(const char *text, int64_t *ret) {
  int64_t value = 0;
  int digits = 0, decimals = -1;
  for (; *text; text++) {
    if (*text == '.' && decimals < 0 && digits > 0) {
      decimals = 0;
      continue;
    }
    if (!g_ascii_isdigit(*text) || decimals == DECIMALS) return false;
    value = MIN(value * 10 + (*text - '0'), MONEY_MAX);
    digits++;
    if (decimals >= 0) decimals++;
  }
  if (digits == 0 || decimals == 0) return false;
  for (int i = decimals < 0 ? 0 : decimals; i < DECIMALS; i++) value = MIN(value * 10, MONEY_MAX);
  if (value == MONEY_MAX) return false;
  *ret = value;
  return true;
}

char *money_format(int64_t micro) {
  if (micro < 0) return g_strdup("unknown");
  if (micro == 0 || micro >= MICRO) {
    int64_t cents = micro / 10000 + (micro % 10000 >= 5000);
    return g_strdup_printf("$%" G_GINT64_FORMAT ".%02d", cents / 100, (int)(cents % 100));
  }
  if (micro < 100) return g_strdup_printf("$0.%06d", (int)micro);
  int64_t parts = (micro + 50) / 100;
  return parts == 10000 ? g_strdup("$1.00") : g_strdup_printf("$0.%04d", (int)parts);
}

double money_dollars(int64_t micro) { return (double)micro / MICRO; }
