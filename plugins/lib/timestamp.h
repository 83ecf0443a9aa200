/* timestamp.h - points in time as text and numbers, to and from microseconds
 * since 1970 in UTC. Proleptic Gregorian calendar, years 1 to 9999. */
#ifndef CLIO_LIB_TIMESTAMP_H
#define CLIO_LIB_TIMESTAMP_H
#include <stddef.h>
#include <stdint.h>

/* RFC 3339, and what exports make of it: 'T' or a space, seconds and their
 * fraction optional, zone 'Z', +hh:mm, +hhmm or +hh; without a zone it is UTC; a
 * date alone is its midnight. 1: understood. */
int timestamp_parse(const char *text, size_t len, int64_t *ret_micros);

/* Seconds since 1970, or milli-, micro- or nanoseconds by size: the first of
 * them that gives a year up to 5138. */
int timestamp_from_int(int64_t value, int64_t *ret_micros);
int timestamp_from_double(double value, int64_t *ret_micros);

/* "2026-11-01T09:30:00Z", with six more digits unless they are zero. */
enum { TIMESTAMP_TEXT = 32 };
void timestamp_format(int64_t micros, char ret_text[TIMESTAMP_TEXT]);

/* Microseconds of a date's midnight. */
int64_t timestamp_of_date(int year, int month, int day);
#endif
