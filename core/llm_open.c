/* llm_open.c - what the wire models of a run need before the first question: each role's
 * key, and the ledger and the HTTP loop that all share; see llm.h. */
#include "graph_budget.h"
#include "llm_parts.h"

static const char *key_variable(const llm_role *m) {
  const flow_stage *st = m->m->st;
  for (uint32_t i = 0; i < st->ps->s.params.count; i++)
    if (st->ps->params[i].type == CLIO_PT_SECRET)
      return config_string(st->cfg, st->ps, st->ps->params[i].name);
  return NULL;
}

clio_status llm_take_key(llm_role *m, error *e) {
  const char *variable = key_variable(m);
  if (!variable) return CLIO_OK;
  const char *value = g_getenv(variable);
  if (!value || !*value)
    return error_set(e, CLIO_E_CONFIG,
                     "model '%s' takes its key from %s, which is not set; export %s=...",
                     m->m->gm->written->id, variable, variable);
  m->key = g_strdup(value);
  return CLIO_OK;
}

clio_status llm_open_shared(llm *l, error *e) {
  if (l->ledger) return CLIO_OK;
  ledger_budget budget = graph_budget_limits(l->r->g, l->r->options.max_cost);
  clio_status s = ledger_open(l->r->options.out, l->r->project_key, budget, &l->ledger, e);
  uint32_t most = 1;
  bool http2 = false;
  for (guint i = 0; i < l->r->f->models->len; i++) {
    const graph_model *gm = ((const flow_model *)l->r->f->models->pdata[i])->gm;
    most = MAX(most, (uint32_t)gm->in_flight);
    http2 |= gm->http2;
  }
  http_options options = {.in_flight = most, .http2 = http2, .max_body = CHAT_BODY_MAX};
  return s == CLIO_OK ? http_new(&options, &l->http, e) : s;
}
