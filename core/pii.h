/* pii.h - finds personal information by its form: one scanner for the text
 * service (redaction), auditor/rules and the gate's text rule. PCRE2 with JIT
 * and match limits, Vectorscan as a prefilter where it was found. Thread-safe
 * after pii_init. */
#ifndef CLIO_CORE_PII_H
#define CLIO_CORE_PII_H
#include <stdint.h>

#include "error.h"

/* kind: CLIO_PII_*; bytes [start, end). Return a failure to stop. */
typedef clio_status pii_fn(void *ctx, uint32_t kind, int64_t start, int64_t end);

/* Reads configs/words/{given-names,surnames,pii-forms}.txt and compiles the
 * patterns, once; later calls return what the first did. */
clio_status pii_init(error *e);

/* Calls fn for what it finds, left to right, not overlapping, the more
 * specific kind first where two start together. */
clio_status pii_scan(const char *utf8, int64_t len, pii_fn *fn, void *ctx);

/* The text with each find replaced by "[email]", "[phone]" ...; new string. NULL
 * when pii_init() fails: what cannot be looked through does not pass. */
char *pii_redact(const char *utf8, int64_t len, int64_t *ret_len);

/* "email", "phone" ... */
const char *pii_kind_name(uint32_t kind);
#endif
