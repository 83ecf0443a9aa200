/* pii_prefilter.c - where Vectorscan (or Hyperscan) was found: one pass of its
 * automaton over a long text tells which of the shapes cannot be in it, and
 * PCRE2 is not asked for those. It only ever rules out; every find is PCRE2's.
 * Without the library nothing is ruled out, and finds are the same. */
#include "clio-build.h"

#include "pii_parts.h"

#ifdef HAVE_HS
#include <hs.h>

enum { MAX_HINTS = 32, SHORT_TEXT = 512 };

static hs_database_t *database;
static hs_scratch_t *prototype;

void pii_prefilter_init(const char *const *hints, size_t count) {
  unsigned ids[MAX_HINTS], flags[MAX_HINTS];
  hs_compile_error_t *why = NULL;
  if (count > MAX_HINTS || hs_valid_platform() != HS_SUCCESS) return;
  for (unsigned i = 0; i < count; i++) {
    ids[i] = i;
    flags[i] = HS_FLAG_SINGLEMATCH;
  }
  if (hs_compile_multi(hints, flags, ids, (unsigned)count, HS_MODE_BLOCK, NULL, &database, &why) !=
      HS_SUCCESS)
    database = NULL;
  hs_free_compile_error(why);
  if (database && hs_alloc_scratch(database, &prototype) == HS_SUCCESS) return;
  hs_free_database(database);
  database = NULL;
}

static int note_hint(unsigned id, unsigned long long from, unsigned long long to, unsigned flag,
                     void *ctx) {
  (void)from, (void)to, (void)flag;
  *(uint32_t *)ctx |= 1u << id;
  return 0;
}

uint32_t pii_prefilter_scan(pii_text *t) {
  uint32_t found = 0;
  if (!database || t->len < SHORT_TEXT || t->len > UINT32_MAX) return UINT32_MAX;
  hs_scratch_t *scratch = t->prefilter;
  if (!scratch && hs_clone_scratch(prototype, &scratch) != HS_SUCCESS) return UINT32_MAX;
  t->prefilter = scratch;
  hs_error_t status = hs_scan(database, t->s, (unsigned)t->len, 0, scratch, note_hint, &found);
  return status == HS_SUCCESS ? found : UINT32_MAX;
}

void pii_prefilter_free(void *scratch) { hs_free_scratch(scratch); }

#else

void pii_prefilter_init(const char *const *hints, size_t count) {
  (void)hints;
  (void)count;
}

uint32_t pii_prefilter_scan(pii_text *t) {
  (void)t;
  return UINT32_MAX;
}

void pii_prefilter_free(void *scratch) { (void)scratch; }
#endif
