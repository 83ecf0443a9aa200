/* timestamp.c - see timestamp.h. Days and dates by Howard Hinnant's
 * days_from_civil and civil_from_days. */
#include "timestamp.h"

#include <math.h>
#include <stdio.h>

static const int64_t second = 1000000, day = 86400 * (int64_t)1000000;

typedef struct cursor {
  const char *p, *end;
} cursor;

/* Exactly `digits` of them, low to high. */
static int take_number(cursor *c, int digits, int low, int high, int *ret) {
  int v = 0;
  if (c->end - c->p < digits) return 0;
  for (int i = 0; i < digits; i++) {
    char d = c->p[i];
    if (d < '0' || d > '9') return 0;
    v = v * 10 + (d - '0');
  }
  if (v < low || v > high) return 0;
  c->p += digits;
  *ret = v;
  return 1;
}

static int take(cursor *c, char wanted) {
  if (c->p == c->end || *c->p != wanted) return 0;
  c->p++;
  return 1;
}

static int days_in_month(int year, int month) {
  static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

static int64_t days_from_date(int year, int month, int d) {
  int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t timestamp_of_date(int year, int month, int d) {
  return days_from_date(year, month, d) * day;
}

static int take_date(cursor *c, int64_t *ret) {
  int y, m, d;
  if (!take_number(c, 4, 1, 9999, &y) || !take(c, '-')) return 0;
  if (!take_number(c, 2, 1, 12, &m) || !take(c, '-')) return 0;
  if (!take_number(c, 2, 1, days_in_month(y, m), &d)) return 0;
  *ret = timestamp_of_date(y, m, d);
  return 1;
}

/* Digits past the sixth are dropped. */
static int take_fraction(cursor *c, int64_t *ret) {
  int64_t unit = second / 10, sum = 0;
  int digit, any = 0;
  while (take_number(c, 1, 0, 9, &digit)) {
    sum += digit * unit;
    unit /= 10;
    any = 1;
  }
  *ret = sum;
  return any;
}

static int take_clock(cursor *c, int64_t *ret) {
  int h, m, s = 0;
  int64_t fraction = 0;
  if (!take_number(c, 2, 0, 23, &h) || !take(c, ':')) return 0;
  if (!take_number(c, 2, 0, 59, &m)) return 0;
  if (take(c, ':')) {
    if (!take_number(c, 2, 0, 60, &s)) return 0; /* 60: a leap second */
    if ((take(c, '.') || take(c, ',')) && !take_fraction(c, &fraction)) return 0;
  }
  *ret = ((h * 60 + m) * 60 + s) * second + fraction;
  return 1;
}

static int take_zone(cursor *c, int64_t *ret) {
  int h, m = 0;
  *ret = 0;
  if (c->p == c->end || take(c, 'Z') || take(c, 'z')) return 1;
  int east = take(c, '+'), west = !east && take(c, '-');
  if (!east && !west) return 0;
  if (!take_number(c, 2, 0, 23, &h)) return 0;
  take(c, ':');
  if (c->p < c->end && !take_number(c, 2, 0, 59, &m)) return 0;
  *ret = (west ? -1 : 1) * (h * 60 + m) * 60 * second;
  return 1;
}

int timestamp_parse(const char *text, size_t len, int64_t *ret_micros) {
  cursor c = {text, text + len};
  int64_t date, clock = 0, zone = 0;
  if (!take_date(&c, &date)) return 0;
  if (c.p < c.end) {
    if (!take(&c, 'T') && !take(&c, 't') && !take(&c, ' ')) return 0;
    if (!take_clock(&c, &clock)) return 0;
    if (!take_zone(&c, &zone)) return 0;
  }
  if (c.p != c.end) return 0;
  *ret_micros = date + clock - zone;
  return 1;
}

int timestamp_from_int(int64_t value, int64_t *ret_micros) {
  const int64_t limit = 100000000000; /* seconds up to the year 5138 */
  if (value < -limit || value >= INT64_MAX / 2) return 0;
  if (value < limit)
    *ret_micros = value * second;
  else if (value < limit * 1000)
    *ret_micros = value * 1000;
  else if (value < limit * second)
    *ret_micros = value;
  else
    *ret_micros = value / 1000;
  return *ret_micros >= timestamp_of_date(1, 1, 1);
}

int timestamp_from_double(double value, int64_t *ret_micros) {
  if (!(value > -1e11 && value < 4e18)) return 0;
  if (value >= 1e11) return timestamp_from_int((int64_t)value, ret_micros);
  *ret_micros = llrint(value * 1e6);
  return *ret_micros >= timestamp_of_date(1, 1, 1);
}

void timestamp_format(int64_t micros, char ret_text[TIMESTAMP_TEXT]) {
  int64_t days = micros / day - (micros % day < 0), rest = micros - days * day;
  int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int d = (int)(doy - (153 * mp + 2) / 5 + 1), m = (int)(mp < 10 ? mp + 3 : mp - 9);
  int y = (int)(yoe + era * 400 + (m <= 2)), s = (int)(rest / second), f = (int)(rest % second);
  int n = snprintf(ret_text, TIMESTAMP_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, d, s / 3600,
                   s / 60 % 60, s % 60);
  if (n < 0 || n >= TIMESTAMP_TEXT) return;
  if (f)
    snprintf(ret_text + n, (size_t)(TIMESTAMP_TEXT - n), ".%06dZ", f);
  else
    snprintf(ret_text + n, (size_t)(TIMESTAMP_TEXT - n), "Z");
}
