/* money.h - money as whole micro-dollars, and prices as micro-dollars per million
 * tokens: int64, always rounded up. MONEY_MAX is a billion dollars: what is more stays
 * there, so that no sum overflows and every budget refuses it. [any] */
#ifndef CLIO_CORE_MONEY_H
#define CLIO_CORE_MONEY_H
#include <stdbool.h>
#include <stdint.h>

#define MONEY_MAX INT64_C(1000000000000000)
enum { MONEY_UNKNOWN = -1 }; /* never 0, which is a price too */

/* a + b, neither negative. */
int64_t money_add(int64_t a, int64_t b);

/* What `tokens` cost at `rate` micro-dollars per million. Exact numerators can be added
 * first: money_round(a.tokens * a.rate + b.tokens * b.rate) rounds once. */
__extension__ typedef unsigned __int128 money_exact;
money_exact money_product(int64_t tokens, int64_t rate);
int64_t money_round(money_exact millionths);

/* Reads dollars, "5", "0.0025", into micro-dollars: plain digits, at most six of
 * them behind the point. False when it is anything else or too much. */
bool money_parse(const char *text, int64_t *ret);

/* "$5.00", "$0.0312" (four digits below a dollar, six below a hundredth of a cent);
 * "unknown". For people. New string. */
char *money_format(int64_t micro);

/* Micro-dollars as dollars, for JSON. */
double money_dollars(int64_t micro);
#endif
