/* agreement_test.c - measures of clusters against labels, on tables small enough to be
 * reckoned by hand. */
#include "agreement.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "unit.h"

enum { MOST = 64 };

typedef struct sample {
  uint32_t cluster[MOST], label[MOST], predicted[MOST];
  uint8_t half[MOST];
  uint64_t counts[MOST];
  agreement_rows rows;
} sample;

/* One row for each pair of digits "CL"; '-' for no cluster. Halves alternate. */
static void fill(sample *s, const char *pairs, uint32_t clusters, uint32_t labels) {
  uint64_t n = strlen(pairs) / 2;
  memset(s, 0, sizeof *s);
  for (uint64_t i = 0; i < n; i++) {
    s->cluster[i] = pairs[2 * i] == '-' ? AGREEMENT_NONE : (uint32_t)(pairs[2 * i] - '0');
    s->label[i] = (uint32_t)(pairs[2 * i + 1] - '0');
    s->half[i] = i & 1;
  }
  s->rows = (agreement_rows){n, clusters, labels, s->cluster, s->label, s->half};
}

static bool near(double a, double b) { return fabs(a - b) < 1e-9; }

static void test_perfect(void) {
  sample s;
  fill(&s, "1010010110100101", 2, 2); /* cluster 0 is label 1 */
  agreement_clusters c = agreement_of_clusters(&s.rows, s.counts);
  CU_ASSERT_TRUE(near(c.purity, 1) && near(c.nmi, 1) && near(c.ari, 1));
  CU_ASSERT_TRUE(near(c.homogeneity, 1) && near(c.completeness, 1));
  agreement_predict(&s.rows, s.counts, s.predicted);
  agreement_score a = agreement_score_of(&s.rows, s.predicted, s.counts);
  CU_ASSERT_EQUAL(a.right, 8);
  CU_ASSERT_TRUE(near(a.macro_f1, 1) && near(a.weighted_f1, 1) && near(a.variation, 0));
}

/* Labels spread evenly over clusters tell nothing. */
static void test_independent(void) {
  sample s;
  fill(&s, "00011011", 2, 2);
  agreement_clusters c = agreement_of_clusters(&s.rows, s.counts);
  CU_ASSERT_TRUE(near(c.purity, 0.5));
  CU_ASSERT_TRUE(near(c.nmi, 0) && near(c.homogeneity, 0) && near(c.completeness, 0));
  CU_ASSERT_TRUE(near(c.ari, -0.5)); /* 0 of 2 pairs, 2 x 2 / 6 by chance */
}

/* Clusters {3 of a}, {1 of a, 2 of b}: 4 pairs together in both, of 6 and 7. */
static void test_by_hand(void) {
  sample s;
  fill(&s, "000000101111", 2, 2);
  agreement_clusters c = agreement_of_clusters(&s.rows, s.counts);
  CU_ASSERT_TRUE(near(c.purity, 5.0 / 6));
  double chance = 6.0 * 7 / 15;
  CU_ASSERT_TRUE(near(c.ari, (4 - chance) / (6.5 - chance)));
  double labels = -(4.0 / 6 * log(4.0 / 6) + 2.0 / 6 * log(2.0 / 6)),
         left = 0.5 * -(1.0 / 3 * log(1.0 / 3) + 2.0 / 3 * log(2.0 / 3));
  CU_ASSERT_TRUE(near(c.homogeneity, (labels - left) / labels));
  CU_ASSERT_TRUE(near(c.completeness, (labels - left) / log(2)));
  CU_ASSERT_TRUE(near(c.nmi, 2 * (labels - left) / (labels + log(2))));
}

/* No row helps to name its own cluster: each of two rows of one label is alone in its
 * half, and is called what the other half says. */
static void test_cross(void) {
  sample s;
  fill(&s, "0001", 1, 2); /* half 0: label 0, half 1: label 1 */
  agreement_predict(&s.rows, s.counts, s.predicted);
  CU_ASSERT_EQUAL(s.predicted[0], 1);
  CU_ASSERT_EQUAL(s.predicted[1], 0);
  agreement_score a = agreement_score_of(&s.rows, s.predicted, s.counts);
  CU_ASSERT_EQUAL(a.right, 0);
}

/* A cluster that the other half has not gets the other half's commonest label. */
static void test_unseen(void) {
  sample s;
  fill(&s, "00110011", 2, 2);
  s.half[0] = s.half[2] = 0;
  s.half[1] = s.half[3] = 1; /* cluster 0 in half 0 alone, cluster 1 in half 1 */
  agreement_predict(&s.rows, s.counts, s.predicted);
  CU_ASSERT_EQUAL(s.predicted[0], 1);
  CU_ASSERT_EQUAL(s.predicted[1], 0);
}

static void test_unassigned(void) {
  sample s;
  fill(&s, "0000-0-0", 1, 1);
  agreement_predict(&s.rows, s.counts, s.predicted);
  CU_ASSERT_EQUAL(s.predicted[2], AGREEMENT_NONE);
  agreement_score a = agreement_score_of(&s.rows, s.predicted, s.counts);
  CU_ASSERT_EQUAL(a.rows, 4);
  CU_ASSERT_EQUAL(a.predicted, 2);
  CU_ASSERT_EQUAL(a.right, 2);
  CU_ASSERT_TRUE(near(a.variation, 0.5));
  CU_ASSERT_TRUE(near(a.macro_f1, 2.0 * 2 / (4 + 2)));
}

static void test_interval(void) {
  double low, high;
  agreement_interval(95, 100, &low, &high); /* Wilson: 0.8883 to 0.9785 */
  CU_ASSERT_TRUE(fabs(low - 0.8882) < 2e-4 && fabs(high - 0.9785) < 2e-4);
  agreement_interval(0, 0, &low, &high);
  CU_ASSERT_TRUE(low == 0 && high == 1);
  agreement_interval(10, 10, &low, &high);
  CU_ASSERT_TRUE(low > 0.7 && near(high, 1));
}

int main(void) {
  static const unit_test tests[] = {
      {"perfect", test_perfect},   {"independent", test_independent},
      {"by hand", test_by_hand},   {"cross-fitting", test_cross},
      {"unseen", test_unseen},     {"unassigned", test_unassigned},
      {"interval", test_interval},
  };
  return unit_main("agreement", tests, G_N_ELEMENTS(tests));
}
