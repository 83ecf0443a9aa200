/* terms.h - texts to weighted term vectors: words, runs of words and runs of
 * characters within words, as TF-IDF with sublinear counts. A term is a bucket
 * of a 22-bit hash table, so that no dictionary is kept and no order of arrival
 * can matter; with 100,000 distinct terms one in 42 shares its bucket. Function
 * words are those of clio.text/1's frame lists. */
#ifndef CLIO_LIB_TERMS_H
#define CLIO_LIB_TERMS_H
#include "sparse.h"

typedef struct terms_options {
  int frame;                     /* skip function words where a text has others */
  uint32_t words;                /* of a text, its first so many words count */
  uint32_t ngrams;               /* longest run of words */
  uint32_t chars_from, chars_to; /* runs of characters; 0: none */
  double chars_weight;           /* their share of a text's squared length, 0 to 1 */
  uint32_t min_df;               /* texts that hold a term, at least */
  double max_df;                 /* share of the texts that hold a term, at most */
  double rarity;                 /* power of the inverse document frequency */
  uint64_t most;                 /* terms kept; past that min_df rises */
} terms_options;

/* One row of unit length for each row of the UTF8 column `texts`; empty where
 * the text is null or holds no kept term. Columns are the kept terms in bucket
 * order; *ret_key holds a stable number for each. Memory of the call. [call] */
clio_status terms_matrix(const work *w, const clio_text *text, const clio_view *texts,
                         const terms_options *o, sparse *ret, uint64_t **ret_key);
#endif
