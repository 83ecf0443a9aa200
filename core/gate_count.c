/* gate_count.c - distinct accounts and organisations of sets of rows: the
 * gate's safe(S, T). It decides nothing; see gate_internal.h. */
#include "gate_internal.h"

#include <stdlib.h>

#define MANY_ORGS UINT32_MAX

struct gate_counter {
  const gate_roll *roll;
  int64_t cell_accounts;
  uint32_t *account, *org; /* per roll row: dense numbers */
  uint64_t stamp;          /* of the set being counted */
  uint64_t *account_seen, *org_seen;
  uint32_t *account_org; /* the one organisation of an account in the set, or MANY_ORGS */
  uint32_t *org_only;    /* accounts of the set that are in no other organisation */
  uint32_t *touched;     /* organisations, or accounts, of the set */
  uint32_t *account_rows;
  uint32_t *account_best;
};

/* A set while it is counted. */
typedef struct tally {
  int64_t accounts, orgs;
} tally;

static int compare_u64(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Numbers the distinct keys 0, 1 ... by their size. */
static uint32_t *dense_numbers(const uint64_t *key, size_t rows, size_t *ret_distinct) {
  uint64_t *sorted = g_new(uint64_t, rows + 1);
  for (size_t i = 0; i < rows; i++) sorted[i] = key[i];
  qsort(sorted, rows, sizeof *sorted, compare_u64);
  size_t n = 0;
  for (size_t i = 0; i < rows; i++)
    if (!n || sorted[n - 1] != sorted[i]) sorted[n++] = sorted[i];
  uint32_t *number = g_new(uint32_t, rows + 1);
  for (size_t i = 0; i < rows; i++) {
    const uint64_t *at = bsearch(&key[i], sorted, n, sizeof *sorted, compare_u64);
    number[i] = (uint32_t)(at - sorted);
  }
  g_free(sorted);
  *ret_distinct = n;
  return number;
}

gate_counter *gate_counter_new(const gate_roll *roll, int64_t cell_accounts) {
  gate_counter *g = g_new0(gate_counter, 1);
  size_t accounts, orgs;
  g->roll = roll;
  g->cell_accounts = cell_accounts;
  g->account = dense_numbers(roll->account, roll->rows, &accounts);
  g->org = dense_numbers(roll->org, roll->rows, &orgs);
  g->account_seen = g_new0(uint64_t, accounts + 1);
  g->account_org = g_new0(uint32_t, accounts + 1);
  g->account_rows = g_new0(uint32_t, accounts + 1);
  g->account_best = g_new0(uint32_t, accounts + 1);
  g->org_seen = g_new0(uint64_t, orgs + 1);
  g->org_only = g_new0(uint32_t, orgs + 1);
  g->touched = g_new0(uint32_t, MAX(accounts, orgs) + 1);
  return g;
}

void gate_counter_free(gate_counter *g) {
  if (!g) return;
  g_free(g->account);
  g_free(g->org);
  g_free(g->account_seen);
  g_free(g->account_org);
  g_free(g->account_rows);
  g_free(g->account_best);
  g_free(g->org_seen);
  g_free(g->org_only);
  g_free(g->touched);
  g_free(g);
}

/* Adds a row's account alone. */
static bool see_account(gate_counter *g, tally *t, uint32_t account) {
  if (g->account_seen[account] == g->stamp) return false;
  g->account_seen[account] = g->stamp;
  t->accounts++;
  return true;
}

/* Adds a row's account and organisation. */
static void see_row(gate_counter *g, tally *t, uint32_t row) {
  uint32_t a = g->account[row], o = g->org[row];
  if (g->org_seen[o] != g->stamp) {
    g->org_seen[o] = g->stamp;
    g->org_only[o] = 0;
    g->touched[t->orgs++] = o;
  }
  if (see_account(g, t, a)) {
    g->account_org[a] = o;
    g->org_only[o]++;
  } else if (g->account_org[a] != MANY_ORGS && g->account_org[a] != o) {
    g->org_only[g->account_org[a]]--;
    g->account_org[a] = MANY_ORGS;
  }
}

/* Does what was seen so far meet the thresholds on accounts and organisations,
 * and leave cell.accounts accounts when any one organisation is taken out? */
static bool tally_is_enough(const gate_counter *g, const tally *t, const gate_threshold *need) {
  if (t->accounts < need->accounts || t->orgs < need->organizations) return false;
  uint32_t most = 0;
  for (int64_t i = 0; i < t->orgs; i++) most = MAX(most, g->org_only[g->touched[i]]);
  return t->accounts - (int64_t)most >= g->cell_accounts;
}

static bool accounts_are_enough(gate_counter *g, const gate_span *span, size_t spans,
                                const gate_threshold *need) {
  tally t = {0, 0};
  for (size_t s = 0; s < spans; s++)
    for (size_t i = 0; i < span[s].count; i++)
      if (see_account(g, &t, g->account[span[s].row[i]]) && t.accounts >= need->accounts)
        return true;
  return false;
}

/* safe is monotone, so a part of the set that is enough settles it: looks after
 * 64, 128, 256 ... rows. */
static bool organizations_are_enough(gate_counter *g, const gate_span *span, size_t spans,
                                     const gate_threshold *need) {
  tally t = {0, 0};
  size_t seen = 0, next = 64;
  for (size_t s = 0; s < spans; s++)
    for (size_t i = 0; i < span[s].count; i++) {
      see_row(g, &t, span[s].row[i]);
      if (++seen < next) continue;
      if (tally_is_enough(g, &t, need)) return true;
      next *= 2;
    }
  return tally_is_enough(g, &t, need);
}

bool gate_safe(gate_counter *g, const gate_span *span, size_t spans, const gate_threshold *need) {
  size_t rows = 0;
  for (size_t s = 0; s < spans; s++) rows += span[s].count;
  if (rows == 0 || (int64_t)rows < need->conversations) return false;
  g->stamp++;
  return need->organizations > 1 ? organizations_are_enough(g, span, spans, need)
                                 : accounts_are_enough(g, span, spans, need);
}

void gate_measure(gate_counter *g, gate_span span, int64_t *ret_accounts,
                  int64_t *ret_organizations) {
  tally t = {0, 0};
  g->stamp++;
  for (size_t i = 0; i < span.count; i++) see_row(g, &t, span.row[i]);
  *ret_accounts = t.accounts;
  *ret_organizations = t.orgs;
}

static int compare_u32_down(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x < y) - (x > y);
}

int64_t gate_heaviest(gate_counter *g, const gate_span *span, size_t spans, int64_t top) {
  tally t = {0, 0};
  g->stamp++;
  for (size_t s = 0; s < spans; s++)
    for (size_t i = 0; i < span[s].count; i++) {
      uint32_t a = g->account[span[s].row[i]];
      if (see_account(g, &t, a)) {
        g->account_rows[a] = 0;
        g->touched[t.accounts - 1] = a;
      }
      g->account_rows[a]++;
    }
  for (int64_t i = 0; i < t.accounts; i++) g->touched[i] = g->account_rows[g->touched[i]];
  qsort(g->touched, (size_t)t.accounts, sizeof *g->touched, compare_u32_down);
  int64_t rows = 0;
  for (int64_t i = 0; i < MIN(top, t.accounts); i++) rows += g->touched[i];
  return rows;
}

size_t gate_one_per_account(gate_counter *g, gate_span span, uint32_t *ret_rows) {
  const uint64_t *key = g->roll->cap_key;
  tally t = {0, 0};
  g->stamp++;
  for (size_t i = 0; i < span.count; i++) {
    uint32_t row = span.row[i], a = g->account[row], best = g->account_best[a];
    if (see_account(g, &t, a)) {
      g->touched[t.accounts - 1] = a;
      g->account_best[a] = row;
    } else if (key[row] < key[best] || (key[row] == key[best] && row < best)) {
      g->account_best[a] = row;
    }
  }
  for (int64_t i = 0; i < t.accounts; i++) ret_rows[i] = g->account_best[g->touched[i]];
  return (size_t)t.accounts;
}
