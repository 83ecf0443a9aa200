/* agreement.h - how well clusters agree with known labels: measures over a table of
 * counts, and the accuracy of a mapping that was learnt on other rows. Pure numbers. */
#ifndef CLIO_VALIDATOR_AGREEMENT_H
#define CLIO_VALIDATOR_AGREEMENT_H
#include <stdint.h>

/* Rows with a cluster and a label each. A row of no cluster has AGREEMENT_NONE. */
#define AGREEMENT_NONE UINT32_MAX
typedef struct agreement_rows {
  uint64_t count;
  uint32_t clusters, labels; /* how many there are */
  const uint32_t *cluster, *label;
  const uint8_t *half; /* 0 or 1: which half of the data a row is in */
} agreement_rows;

/* Of the rows that have a cluster, over the table cluster x label. Natural logarithms.
 * homogeneity, completeness and their harmonic mean V: Rosenberg and Hirschberg (2007);
 * nmi is normalised by the arithmetic mean of the entropies, and so equals V. ari:
 * Hubert and Arabie (1985). purity: the share of rows with their cluster's most
 * frequent label. All 0 where there are no rows. */
typedef struct agreement_clusters {
  uint64_t rows;
  double purity, homogeneity, completeness, nmi, ari;
} agreement_clusters;

/* `table`: room for clusters x labels counts. */
agreement_clusters agreement_of_clusters(const agreement_rows *rows, uint64_t *table);

/* Gives each row the label that is most frequent among the rows of its cluster in the
 * *other* half (of equally frequent ones the lower; in a cluster without such rows,
 * the other half's most frequent label), so that no row helps to name itself. A row of
 * no cluster gets AGREEMENT_NONE. `table` as above. */
void agreement_predict(const agreement_rows *rows, uint64_t *table, uint32_t *ret_predicted);

/* What the predictions are worth. Rows without one count as wrong; in `variation`
 * they are a label of their own. macro_f1: the mean over labels that occur; weighted_f1:
 * weighted by how often. variation: total variation between predicted and true
 * shares. */
typedef struct agreement_score {
  uint64_t rows, predicted, right;
  double macro_f1, weighted_f1, variation;
} agreement_score;

/* `counts`: room for 3 x labels. */
agreement_score agreement_score_of(const agreement_rows *rows, const uint32_t *predicted,
                                   uint64_t *counts);

/* The Wilson interval (1927) of a share at 95 %. */
void agreement_interval(uint64_t right, uint64_t of, double *ret_low, double *ret_high);
#endif
