/* agreement.c - clusters against labels; see agreement.h. */
#include "agreement.h"

#include <math.h>
#include <string.h>

static double log_term(double part, double whole) {
  return part > 0 ? part * log(part / whole) : 0;
}

/* Counts rows by cluster and label; of the half that is not `but` (2: of both). */
static void tabulate(const agreement_rows *rows, unsigned but, uint64_t *table) {
  memset(table, 0, (size_t)rows->clusters * rows->labels * sizeof *table);
  for (uint64_t i = 0; i < rows->count; i++)
    if (rows->cluster[i] != AGREEMENT_NONE && rows->half[i] != but)
      table[(uint64_t)rows->cluster[i] * rows->labels + rows->label[i]]++;
}

/* ---- clusters as they are ---- */

static double pairs(uint64_t n) { return (double)n * ((double)n - 1) / 2; }

typedef struct sums {
  uint64_t total, best;
  double in_cluster, in_label, in_cell;                /* pairs of rows */
  double entropy_cluster, entropy_label, entropy_cell; /* times -total */
} sums;

static uint64_t label_total(const agreement_rows *rows, const uint64_t *table, uint32_t label) {
  uint64_t total = 0;
  for (uint32_t c = 0; c < rows->clusters; c++) total += table[(uint64_t)c * rows->labels + label];
  return total;
}

static sums add_up(const agreement_rows *rows, const uint64_t *table) {
  sums s = {0};
  for (uint64_t i = 0; i < (uint64_t)rows->clusters * rows->labels; i++) s.total += table[i];
  double n = (double)s.total;
  for (uint32_t c = 0; c < rows->clusters; c++) {
    uint64_t size = 0, most = 0;
    for (uint32_t l = 0; l < rows->labels; l++) {
      uint64_t cell = table[(uint64_t)c * rows->labels + l];
      size += cell;
      most = cell > most ? cell : most;
      s.in_cell += pairs(cell);
      s.entropy_cell += log_term((double)cell, n);
    }
    s.best += most;
    s.in_cluster += pairs(size);
    s.entropy_cluster += log_term((double)size, n);
  }
  for (uint32_t l = 0; l < rows->labels; l++) {
    uint64_t size = label_total(rows, table, l);
    s.in_label += pairs(size);
    s.entropy_label += log_term((double)size, n);
  }
  return s;
}

agreement_clusters agreement_of_clusters(const agreement_rows *rows, uint64_t *table) {
  tabulate(rows, 2, table);
  sums s = add_up(rows, table);
  agreement_clusters a = {.rows = s.total};
  if (s.total == 0) return a;
  double n = (double)s.total, all = pairs(s.total);
  double clusters = -s.entropy_cluster / n, labels = -s.entropy_label / n;
  double shared = clusters + labels + s.entropy_cell / n; /* mutual information */
  a.purity = (double)s.best / n;
  a.homogeneity = labels > 0 ? shared / labels : 1;
  a.completeness = clusters > 0 ? shared / clusters : 1;
  a.nmi = clusters + labels > 0 ? 2 * shared / (clusters + labels) : 1;
  double chance = all > 0 ? s.in_cluster * s.in_label / all : 0;
  double most = (s.in_cluster + s.in_label) / 2;
  a.ari = most > chance ? (s.in_cell - chance) / (most - chance) : 1;
  return a;
}

/* ---- clusters as predictions ---- */

static uint32_t most_frequent(const uint64_t *counts, uint32_t labels, uint32_t otherwise) {
  uint64_t most = 0;
  uint32_t best = otherwise;
  for (uint32_t l = 0; l < labels; l++)
    if (counts[l] > most) {
      most = counts[l];
      best = l;
    }
  return best;
}

/* The most frequent label of the half that is not `but`. */
static uint32_t most_frequent_of_all(const agreement_rows *rows, unsigned but, uint64_t *counts) {
  memset(counts, 0, rows->labels * sizeof *counts);
  for (uint64_t i = 0; i < rows->count; i++)
    if (rows->half[i] != but) counts[rows->label[i]]++;
  return most_frequent(counts, rows->labels, 0);
}

static void predict_half(const agreement_rows *rows, unsigned half, uint64_t *table,
                         uint32_t *predicted) {
  uint32_t common = rows->clusters ? most_frequent_of_all(rows, half, table) : 0;
  tabulate(rows, half, table);
  for (uint64_t i = 0; i < rows->count; i++) {
    if (rows->half[i] != half) continue;
    uint32_t c = rows->cluster[i];
    predicted[i] = c == AGREEMENT_NONE
                       ? AGREEMENT_NONE
                       : most_frequent(&table[(uint64_t)c * rows->labels], rows->labels, common);
  }
}

void agreement_predict(const agreement_rows *rows, uint64_t *table, uint32_t *ret_predicted) {
  for (unsigned half = 0; half < 2; half++) predict_half(rows, half, table, ret_predicted);
}

static double share(uint64_t part, uint64_t whole) {
  return whole ? (double)part / (double)whole : 0;
}

agreement_score agreement_score_of(const agreement_rows *rows, const uint32_t *predicted,
                                   uint64_t *counts) {
  agreement_score s = {.rows = rows->count};
  uint32_t labels = rows->labels, seen = 0;
  uint64_t *truth = counts, *said = counts + labels, *both = said + labels;
  memset(counts, 0, 3 * (size_t)labels * sizeof *counts);
  for (uint64_t i = 0; i < rows->count; i++) {
    truth[rows->label[i]]++;
    if (predicted[i] == AGREEMENT_NONE) continue;
    s.predicted++;
    said[predicted[i]]++;
    if (predicted[i] == rows->label[i]) both[rows->label[i]]++;
  }
  for (uint32_t l = 0; l < labels; l++) {
    double f1 = share(2 * both[l], truth[l] + said[l]);
    s.right += both[l];
    seen += truth[l] > 0;
    if (truth[l]) s.macro_f1 += f1;
    s.weighted_f1 += f1 * share(truth[l], s.rows);
    s.variation += fabs(share(truth[l], s.rows) - share(said[l], s.rows)) / 2;
  }
  s.macro_f1 = seen ? s.macro_f1 / seen : 0;
  s.variation += share(s.rows - s.predicted, s.rows) / 2;
  return s;
}

void agreement_interval(uint64_t right, uint64_t of, double *ret_low, double *ret_high) {
  static const double z = 1.959963984540054;
  double n = (double)of, p = share(right, of);
  if (of == 0) {
    *ret_low = 0;
    *ret_high = 1;
    return;
  }
  double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  double reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  *ret_low = fmax(0, middle - reach);
  *ret_high = fmin(1, middle + reach);
}
