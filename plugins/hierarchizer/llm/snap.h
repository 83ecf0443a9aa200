/* snap.h - the legal choice that is nearest to what a model said. */
#ifndef CLIO_HIERARCHIZER_LLM_SNAP_H
#define CLIO_HIERARCHIZER_LLM_SNAP_H
#include <stdint.h>

/* Which of `n` texts (1 or more) `said` most likely means: the one that is the same but for
 * case and punctuation; else the one that shares the most words (Dice's coefficient), of those
 * the one with the smallest edit distance; where none shares a word, the edit distance alone
 * decides. Ties go to the lower index. Looks at the first 200 bytes of each; no allocation. */
uint64_t snap_find(const char *said, const char *const *choice, uint64_t n);

/* Dice's coefficient of two texts' words, in thousandths: 1000 for the same words. */
uint32_t snap_overlap(const char *a, const char *b);
#endif
