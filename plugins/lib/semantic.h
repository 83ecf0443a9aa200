/* semantic.h - latent semantic vectors of a text column: terms weighted by how
 * rare they are, then the leading singular directions. What embedder/lsa and
 * embedder/blend share. */
#ifndef CLIO_LIB_SEMANTIC_H
#define CLIO_LIB_SEMANTIC_H
#include "svd.h"
#include "terms.h"

/* Directions worth keeping of `dim` for so many texts: one for 16 texts, at least 16;
 * past that they are noise. */
uint32_t semantic_rank(uint64_t rows, uint32_t dim);

/* Texts that a term must be in to count: 5, or 2 of fewer than 500, 1 of fewer than 100. */
uint32_t semantic_min_df(uint64_t rows);

/* Rows of U * S, rows x s->dim floats, memory of the call; a text without a kept term has a row of
 * zeros. s->key is filled. [call] */
clio_status semantic_vectors(const work *w, const clio_text *text, const clio_view *texts,
                             const terms_options *t, svd_options *s, float **ret);
#endif
