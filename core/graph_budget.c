/* graph_budget.c - the budget section read, and the prices it names; see
 * graph_budget.h. */
#include "graph_budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_parts.h"

static const char *const keys[] = {"max_cost", "max_tokens", "prices", "free", NULL};

/* ---- the section ---- */

static void check_keys(const doc_node *map, diag *d) {
  for (guint i = 0; i < doc_entries(map); i++) {
    const doc_node *key = doc_key(map, i);
    if (g_strv_contains(keys, key->text)) continue;
    g_autofree char *hint = graph_hint(key->text, keys, G_N_ELEMENTS(keys) - 1,
                                       "known here: max_cost, max_tokens, prices, free");
    diag_error(d, key->at, "budget: unknown key '%s'%s", key->text, hint);
  }
}

static bool is_null(const doc_node *node) { return node->kind == DOC_SCALAR && node->null; }

static void read_max_cost(graph_budget *b, const doc_node *node, diag *d) {
  if (!node || is_null(node)) return;
  b->max_cost_at = node->at;
  if (node->kind != DOC_SCALAR || !money_parse(node->text, &b->max_cost))
    doc_complain(node, d, false, "budget.max_cost",
                 "dollars with at most six digits behind the point, such as 5 or 0.25", NULL);
}

static void read_max_tokens(graph_budget *b, const doc_node *node, diag *d) {
  const char *why = NULL;
  int64_t value = 0;
  if (!node || is_null(node)) return;
  if (doc_int(node, &value, &why) && value >= 0)
    b->max_tokens = value;
  else
    doc_complain(node, d, false, "budget.max_tokens", "a whole number of 0 or more", why);
}

static void read_prices(graph_budget *b, const doc_node *node, diag *d) {
  if (!node || is_null(node)) return;
  b->prices_at = node->at;
  if (node->kind == DOC_SCALAR && !node->bad && node->text[0])
    b->prices = g_strdup(node->text);
  else
    doc_complain(node, d, false, "budget.prices", "a file of prices", NULL);
}

static void check_role(const graph *g, const doc_node *role, diag *d) {
  if (g->models && doc_get(g->models, role->text, NULL)) return;
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (guint i = 0; g->models && i < doc_entries(g->models); i++)
    g_ptr_array_add(names, doc_key(g->models, i)->text);
  g_autofree char *hint = graph_hint(role->text, (const char *const *)names->pdata, names->len,
                                     names->len ? NULL : "the graph has no models");
  diag_error(d, role->at, "budget.free: there is no model '%s'%s", role->text, hint);
}

static void read_free(graph *g, const doc_node *node, diag *d) {
  if (!node || is_null(node)) return;
  g->limits.free =
      graph_scalars(node, d, "budget.free", "a role of the models, or a list of roles");
  for (guint i = 0; i < g->limits.free->len; i++) check_role(g, g->limits.free->pdata[i], d);
}

void graph_budget_read(graph *g, diag *d) {
  graph_budget *b = &g->limits;
  *b = (graph_budget){.max_cost = -1, .max_tokens = -1};
  if (!g->budget) return;
  check_keys(g->budget, d);
  read_max_cost(b, doc_get(g->budget, "max_cost", NULL), d);
  read_max_tokens(b, doc_get(g->budget, "max_tokens", NULL), d);
  read_prices(b, doc_get(g->budget, "prices", NULL), d);
  read_free(g, doc_get(g->budget, "free", NULL), d);
}

void graph_budget_clear(graph_budget *b) {
  g_free(b->prices);
  if (b->free) g_ptr_array_unref(b->free);
}

/* ---- prices ---- */

/* The first finding of another file, on one line. New string. */
static char *first_finding(const diag *found) {
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  diag_print(found, to, false);
  fclose(to);
  char *first = g_strndup(text, strcspn(text, "\n"));
  free(text);
  return first;
}

static void report(const graph *g, const diag *found, const error *e, diag *d) {
  g_autofree char *first = found ? first_finding(found) : g_strdup(e->text);
  size_t more = found ? diag_errors(found) - 1 : 0;
  if (more)
    diag_error(d, g->limits.prices_at, "%s (and %zu more in that file)", first, more);
  else
    diag_error(d, g->limits.prices_at, "%s", first);
}

prices *graph_budget_prices(const graph *g, diag *d) {
  const char *name = g->limits.prices;
  bool beside = name && !g_path_is_absolute(name);
  g_autofree char *path = beside ? g_build_filename(g->dir, name, NULL) : g_strdup(name);
  prices *p = NULL;
  diag *found = NULL;
  error e = {0};
  if (prices_read(path, &p, &found, &e) != CLIO_OK) report(g, found, &e, d);
  diag_free(found);
  return p;
}

const price *graph_budget_price(const graph *g, const prices *p, const char *role,
                                const char *provider, const char *host, const char *model) {
  for (guint i = 0; g->limits.free && i < g->limits.free->len; i++)
    if (!strcmp(((const doc_node *)g->limits.free->pdata[i])->text, role)) return &price_nothing;
  return prices_find(p, provider, host, model, NULL);
}

void graph_budget_refuse(const graph *g, const char *role, const char *model, diag *d) {
  if (g->limits.max_cost < 0) return;
  diag_error(d, g->limits.max_cost_at,
             "budget.max_cost cannot be held: the price of '%s' (model '%s') is not known; give "
             "it in a file under budget.prices, name '%s' under budget.free if it costs nothing, "
             "or set max_tokens in place of max_cost",
             model, role, role);
}

ledger_budget graph_budget_limits(const graph *g, int64_t max_cost) {
  ledger_budget b = {.cost = g->limits.max_cost, .tokens = g->limits.max_tokens};
  if (max_cost >= 0 && (b.cost < 0 || max_cost < b.cost)) b.cost = max_cost;
  return b;
}
