/* kmeans_fit.h - what clusterer/kmeans does with a vector column: how many
 * clusters, the best of several starts, outliers, the order of the clusters. */
#ifndef CLIO_KMEANS_FIT_H
#define CLIO_KMEANS_FIT_H
#include "work.h"

typedef struct kmeans_config {
  const char *column, *facet;
  int64_t k, min_size, restarts, iterations, sample;
  double tolerance, floor, outliers;
} kmeans_config;

/* The clusters found: labels by number of cluster, -1 for none. */
typedef struct kmeans_result {
  uint64_t k;
  float *centre;
  int32_t *label;
  float *fit;
  uint8_t *out; /* scratch: rows that fit nowhere */
} kmeans_result;

/* Clusters the rows of a VEC column: by the parameters, the graph's thresholds
 * and host->random. Clusters are numbered by size, then by first row; rows
 * without a direction and outliers have none. Memory of the call. [call] */
clio_status kmeans_fit(const work *w, const kmeans_config *c, const clio_view *vectors,
                       kmeans_result *ret);
#endif
