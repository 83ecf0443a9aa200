/* llm_open.c - what the wire models of a run need, no earlier than it is needed: the ledger
 * with the first question, a key and the HTTP loop with the first that is sent; see llm.h. */
#include "graph_budget.h"
#include "llm_parts.h"

const char *llm_key_variable(const llm_role *m) {
  const flow_stage *st = m->m->st;
  for (uint32_t i = 0; i < st->ps->s.params.count; i++)
    if (st->ps->params[i].type == CLIO_PT_SECRET)
      return config_string(st->cfg, st->ps, st->ps->params[i].name);
  return NULL;
}

static clio_status take_key(llm_role *m, error *e) {
  const char *variable = llm_key_variable(m);
  if (!variable || m->key) return CLIO_OK;
  const char *value = g_getenv(variable);
  if (!value || !*value)
    return error_set(e, CLIO_E_CONFIG,
                     "model '%s' takes its key from %s, which is not set; export %s=...",
                     m->m->gm->written->id, variable, variable);
  m->key = g_strdup(value);
  return CLIO_OK;
}

static clio_status open_ledger(llm *l, error *e) {
  if (l->ledger) return CLIO_OK;
  ledger_budget budget = graph_budget_limits(l->r->g, l->r->options.max_cost);
  return ledger_open(l->r->options.out, l->r->project_key, budget, &l->ledger, e);
}

static clio_status open_http(llm *l, error *e) {
  uint32_t most = 1;
  bool http2 = false;
  if (l->http) return CLIO_OK;
  for (guint i = 0; i < l->r->f->models->len; i++) {
    const graph_model *gm = ((const flow_model *)l->r->f->models->pdata[i])->gm;
    most = MAX(most, (uint32_t)gm->in_flight);
    http2 |= gm->http2;
  }
  http_options options = {.in_flight = most, .http2 = http2, .max_body = CHAT_BODY_MAX};
  return http_new(&options, &l->http, e);
}

clio_status llm_wire_ready(llm_role *m, error *e) {
  llm *l = m->r->llm;
  g_mutex_lock(&l->opening);
  clio_status s = open_ledger(l, e);
  if (s == CLIO_OK && !m->numbered) {
    const flow_stage *st = m->m->st;
    const char *model = config_string(st->cfg, st->ps, "model");
    m->number = ledger_add_role(l->ledger, m->m->gm->written->id, model ? model : st->use);
    m->numbered = true;
  }
  g_mutex_unlock(&l->opening);
  return s;
}

lane *llm_lane(const llm_role *m) { return __atomic_load_n(&m->lane, __ATOMIC_ACQUIRE); }

clio_status llm_wire_connect(llm_role *m, error *e) {
  llm *l = m->r->llm;
  lane *made = NULL;
  if (llm_lane(m)) return CLIO_OK;
  g_mutex_lock(&l->opening);
  clio_status s = m->unopened.status;
  if (s == CLIO_OK && !m->lane) {
    s = take_key(m, &m->unopened);
    if (s == CLIO_OK) s = open_http(l, &m->unopened);
    if (s == CLIO_OK) s = llm_wire_new_lane(m, &made, &m->unopened);
    if (s == CLIO_OK) __atomic_store_n(&m->lane, made, __ATOMIC_RELEASE);
  }
  if (s != CLIO_OK) error_set(e, s, "%s", m->unopened.text);
  g_mutex_unlock(&l->opening);
  return s;
}
