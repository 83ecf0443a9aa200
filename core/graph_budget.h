/* graph_budget.h - the budget section of a graph: how much may be spent, and by which
 * prices it is counted.
 *
 *   budget: { max_cost: 5.00, max_tokens: 20000000, prices: my-prices.yaml, free: [local] }
 *
 * max_cost: dollars; max_tokens: of questions and answers; prices: a file beside the
 * graph in place of the shipped one (prices.h); free: roles of the models whose calls
 * cost nothing, such as those of a server of one's own. */
#ifndef CLIO_CORE_GRAPH_BUDGET_H
#define CLIO_CORE_GRAPH_BUDGET_H
#include "graph.h"
#include "ledger.h"
#include "prices.h"

/* The prices that hold for this graph. NULL with a finding at the place of
 * budget.prices, or about the whole file where that is the shipped one. */
prices *graph_budget_prices(const graph *g, diag *d);

/* What a role's calls cost today: nothing where budget.free says so, else by the file.
 * NULL: not known. `host`: NULL for a model in process. Lives as long as `p`. */
const price *graph_budget_price(const graph *g, const prices *p, const char *role,
                                const char *provider, const char *host, const char *model);

/* A budget of money cannot be held for a model without a price: reports that where the
 * graph has such a budget. To be called for each role that a stage uses and whose
 * price is NULL. */
void graph_budget_refuse(const graph *g, const char *role, const char *model, diag *d);

/* The limits for a run; `max_cost`: of the command line, micro-dollars, -1: none. The
 * smaller of the two holds. */
ledger_budget graph_budget_limits(const graph *g, int64_t max_cost);
#endif
