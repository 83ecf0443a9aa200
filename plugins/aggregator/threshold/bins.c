/* bins.c - numeric columns cut into bins, and times into periods; see bins.h. */
#include "bins.h"

#include <math.h>

int bins_auto_i64(int64_t value, char ret[BIN_TEXT]) {
  if (value < 0 || value > INT64_MAX / 2) return 0;
  uint64_t high = 1; /* the power of two that ends the bin */
  while (high < (uint64_t)value) high *= 2;
  if (value <= 2)
    snprintf(ret, BIN_TEXT, "%d", (int)value);
  else
    snprintf(ret, BIN_TEXT, "%llu-%llu", (unsigned long long)(high / 2 + 1),
             (unsigned long long)high);
  return 1;
}

int bins_auto_f64(double value, char ret[BIN_TEXT]) {
  static const char *const quarters[] = {"0-0.25", "0.25-0.5", "0.5-0.75", "0.75-1"};
  if (!isfinite(value) || value < 0 || value >= 0x1p62) return 0;
  if (value < 1) {
    snprintf(ret, BIN_TEXT, "%s", quarters[(int)(value * 4)]);
    return 1;
  }
  unsigned long long low = 1;
  while ((double)(low * 2) <= value) low *= 2;
  snprintf(ret, BIN_TEXT, "%llu-%llu", low, low * 2);
  return 1;
}

/* ---- bins a person wrote ---- */

/* A number without sign or exponent, read without regard to the locale. The
 * text after it, or NULL where there is none. */
static const char *read_number(const char *at, double *ret) {
  double value = 0, unit = 1;
  if (*at < '0' || *at > '9') return NULL;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
  if (*at == '.')
    for (at++; *at >= '0' && *at <= '9'; at++) value += (*at - '0') * (unit /= 10);
  *ret = value;
  return at;
}

static const char *skip_space(const char *at) {
  while (*at == ' ' || *at == '\t') at++;
  return at;
}

/* One bin: "3", "2-3" or "8+". The text after it, or NULL. */
static const char *read_bin(const char *at, int real, bin *ret) {
  const char *end = read_number(at, &ret->low);
  if (!end) return NULL;
  ret->high = ret->low;
  if (*end == '+') {
    ret->high = INFINITY;
    end++;
  } else if (*end == '-') {
    end = read_number(end + 1, &ret->high);
    if (!end || ret->high <= ret->low) return NULL;
  } else if (real) {
    return NULL; /* one real number alone is no bin */
  }
  if (end - at >= BIN_TEXT) return NULL;
  memcpy(ret->text, at, (size_t)(end - at));
  ret->text[end - at] = '\0';
  return skip_space(end);
}

int bins_parse(const char *text, int real, bin *ret, int room) {
  const char *at = skip_space(text);
  for (int count = 0; count < room; at = skip_space(at + 1)) {
    at = read_bin(at, real, &ret[count]);
    if (!at) return -1;
    if (count > 0) {
      double before = ret[count - 1].high;
      if (real ? ret[count].low < before : ret[count].low <= before) return -1;
    }
    count++;
    if (*at == '\0') return count;
    if (*at != ',') return -1;
  }
  return -1;
}

int bins_find(const bin *bins, int count, int real, double value) {
  for (int i = 0; i < count; i++) {
    if (value < bins[i].low) continue;
    if (real ? value < bins[i].high : value <= bins[i].high) return i;
  }
  return -1;
}

/* ---- periods ---- */

/* Days since 1970-01-01 to a date of the proleptic Gregorian calendar (Howard
 * Hinnant, chrono-compatible low-level date algorithms, civil_from_days). */
static void civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t doe = days - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153;
  *ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
  *ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
  *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

void bins_period(int64_t microseconds, const char *period, char ret[BIN_TEXT]) {
  int64_t days = floor_div(microseconds, 86400 * (int64_t)1000000), year;
  int month, day;
  if (period[0] == 'w') days -= days + 3 - 7 * floor_div(days + 3, 7); /* 1970-01-01: Thursday */
  civil_from_days(days, &year, &month, &day);
  if (period[0] == 'm') day = 1;
  snprintf(ret, BIN_TEXT, "%04lld-%02d-%02d", (long long)year, month, day);
}
