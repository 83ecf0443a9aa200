/* semantic.c - latent semantic vectors; see semantic.h. */
#include "semantic.h"

enum { FEW = 500, VERY_FEW = 100, TEXTS = 16, LEAST = 16 };

uint32_t semantic_rank(uint64_t rows, uint32_t dim) {
  uint64_t most = rows / TEXTS > LEAST ? rows / TEXTS : LEAST;
  return most < dim ? (uint32_t)most : dim;
}

uint32_t semantic_min_df(uint64_t rows) { return rows < VERY_FEW ? 1 : rows < FEW ? 2 : 5; }

clio_status semantic_vectors(const work *w, const clio_text *text, const clio_view *texts,
                             const terms_options *t, svd_options *s, float **ret) {
  sparse m;
  uint64_t *key;
  CLIO_TRY(terms_matrix(w, text, texts, t, &m, &key));
  float *us = work_alloc(w, texts->rows, s->dim * sizeof *us);
  double *singular = work_alloc(w, s->dim, sizeof *singular);
  if (!us || !singular) return work_nomem(w, "the vectors");
  s->key = key;
  CLIO_TRY(svd_left(w, &m, s, us, singular));
  clio_logf(w->host, w->call, CLIO_LOG_DEBUG, "%llu terms; singular values from %.3g down to %.3g",
            (unsigned long long)m.columns, singular[0], singular[s->dim - 1]);
  *ret = us;
  return CLIO_OK;
}
