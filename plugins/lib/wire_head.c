/* wire_head.c - limits that a reply's headers tell; see wire.h. Headers may lie or be
 * missing: what is not understood is left as it was. */
#include "timestamp.h"
#include "wire.h"

const char *wire_header(const clio_response *response, const char *name) {
  size_t n = strlen(name);
  for (const char *const *h = response->headers; h && *h; h++) {
    if (strncmp(*h, name, n) != 0 || (*h)[n] != ':') continue;
    const char *value = *h + n + 1;
    return value + strspn(value, " \t");
  }
  return NULL;
}

/* A whole number of at most 15 digits; -1: none. */
static int64_t header_number(const clio_response *r, const char *name) {
  const char *text = wire_header(r, name);
  int64_t n = 0;
  size_t digits = text ? strspn(text, "0123456789") : 0;
  if (digits == 0 || digits > 15 || text[digits]) return -1;
  for (size_t i = 0; i < digits; i++) n = n * 10 + (text[i] - '0');
  return n;
}

/* ---- durations ---- */

/* A number with a fraction, in thousandths; NULL: none, or too large. */
static const char *read_thousandths(const char *p, int64_t *ret) {
  int64_t n = 0, scale = 1000;
  const char *start = p;
  for (; *p >= '0' && *p <= '9' && n < 1000000000000; p++) n = n * 10 + (*p - '0');
  if (p == start || n >= 1000000000000) return NULL;
  n *= 1000;
  if (*p == '.')
    for (p++; *p >= '0' && *p <= '9'; p++) n += (*p - '0') * (scale /= 10);
  *ret = n;
  return p;
}

/* The unit at *p in microseconds, and *p behind it; 0: none. */
static int64_t read_unit(const char **p) {
  static const struct {
    const char *name;
    int64_t micros;
  } units[] = {{"ms", 1000},      {"us", 1},       {"\xc2\xb5s", 1}, {"ns", 0},
               {"h", 3600000000}, {"m", 60000000}, {"s", 1000000}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    size_t n = strlen(units[i].name);
    if (strncmp(*p, units[i].name, n) != 0) continue;
    *p += n;
    return units[i].micros ? units[i].micros : 1;
  }
  return 0;
}

int64_t wire_duration(const char *text) {
  const int64_t week = 7LL * 24 * 3600 * 1000000;
  int64_t sum = 0;
  for (const char *p = text; *p;) {
    int64_t thousandths, unit;
    if (!(p = read_thousandths(p, &thousandths)) || !(unit = read_unit(&p))) return -1;
    if (thousandths / 1000 > week / unit) return -1;
    sum += thousandths * unit / 1000;
    if (sum > week) return -1;
  }
  return *text ? (sum + 999) / 1000 : -1;
}

void wire_rates_openai(const clio_response *response, clio_reply *ret) {
  static const char *const kinds[] = {"requests", "tokens"};
  static const int at[] = {CLIO_RATE_REQUESTS, CLIO_RATE_IN_TOKENS};
  for (int i = 0; i < 2; i++) {
    clio_rate *rate = &ret->rates[at[i]];
    char name[64];
    snprintf(name, sizeof name, "x-ratelimit-limit-%s", kinds[i]);
    rate->limit = header_number(response, name);
    snprintf(name, sizeof name, "x-ratelimit-remaining-%s", kinds[i]);
    rate->remaining = header_number(response, name);
    snprintf(name, sizeof name, "x-ratelimit-reset-%s", kinds[i]);
    const char *reset = wire_header(response, name);
    rate->reset_ms = reset ? wire_duration(reset) : -1;
  }
}

/* ---- dates ---- */

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7) in microseconds; 0: it is not. */
static int read_http_date(const char *text, int64_t *ret) {
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  char month[4] = "";
  int day, year, hour, minute, second, used = 0;
  if (strlen(text) != 29) return 0;
  if (sscanf(text, "%*3c, %2d %3c %4d %2d:%2d:%2d GMT%n", &day, month, &year, &hour, &minute,
             &second, &used) != 6 ||
      used != 29)
    return 0;
  const char *at = strstr(months, month);
  if (!at || (at - months) % 3 || day < 1 || day > 31 || year < 1 || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 60)
    return 0;
  *ret = timestamp_of_date(year, (int)(at - months) / 3 + 1, day) +
         ((hour * 60LL + minute) * 60 + second) * 1000000;
  return 1;
}

/* How long from the reply's own date until a point in time; -1: not told. */
static int64_t until(const clio_response *response, const char *name) {
  const char *reset = wire_header(response, name), *date = wire_header(response, "date");
  int64_t then, now;
  if (!reset || !date || !timestamp_parse(reset, strlen(reset), &then)) return -1;
  if (!read_http_date(date, &now)) return -1;
  int64_t ms = (then - now) / 1000;
  if (ms > 7LL * 24 * 3600 * 1000) return -1;
  return ms > 0 ? ms : 0;
}

static void rate_of(const clio_response *response, const char *kind, clio_rate *ret) {
  char name[64];
  snprintf(name, sizeof name, "anthropic-ratelimit-%s-limit", kind);
  ret->limit = header_number(response, name);
  snprintf(name, sizeof name, "anthropic-ratelimit-%s-remaining", kind);
  ret->remaining = header_number(response, name);
  snprintf(name, sizeof name, "anthropic-ratelimit-%s-reset", kind);
  ret->reset_ms = until(response, name);
}

void wire_rates_anthropic(const clio_response *response, clio_reply *ret) {
  rate_of(response, "requests", &ret->rates[CLIO_RATE_REQUESTS]);
  rate_of(response, "input-tokens", &ret->rates[CLIO_RATE_IN_TOKENS]);
  rate_of(response, "output-tokens", &ret->rates[CLIO_RATE_OUT_TOKENS]);
  if (ret->rates[CLIO_RATE_IN_TOKENS].limit < 0)
    rate_of(response, "tokens", &ret->rates[CLIO_RATE_IN_TOKENS]);
}
