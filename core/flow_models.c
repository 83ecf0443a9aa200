/* flow_models.c - the roles of a graph's models: backends found and configured,
 * and what stages ask of them checked; see flow.h. */
#include "flow.h"

#include <string.h>

#include "graph_budget.h"

void flow_model_free(void *model) {
  flow_model *m = model;
  flow_stage_free(m->st);
  g_free(m);
}

flow_model *flow_model_of(const flow *f, const char *role) {
  for (guint i = 0; i < f->models->len; i++) {
    flow_model *m = f->models->pdata[i];
    if (strcmp(m->gm->written->id, role) == 0) return m;
  }
  return NULL;
}

void flow_load_models(flow *f, registry *r, bool sound, diag *d) {
  for (guint i = 0; i < f->g->roles->len; i++) {
    flow_model *m = g_new0(flow_model, 1);
    m->gm = f->g->roles->pdata[i];
    m->st = flow_stage_new(m->gm->written, -1);
    g_ptr_array_add(f->models, m);
    bool found = flow_load_stage(f, m->st, r, d);
    if (found && sound) flow_call_plan(f, m->st, d);
    m->st->broken = !found;
  }
}

/* ---- what stages ask ---- */

static void each_role(const void *field, const clio_param *p,
                      void (*fn)(void *ctx, const clio_param *param, const char *role), void *ctx) {
  const char *role = NULL;
  clio_strlist list = {NULL, 0};
  if (p->type == CLIO_PT_STRLIST)
    memcpy(&list, field, sizeof list);
  else
    memcpy(&role, field, sizeof role);
  if (role) fn(ctx, p, role);
  for (uint64_t i = 0; i < list.count; i++) fn(ctx, p, list.items[i]);
}

void flow_roles(const flow_stage *st,
                void (*fn)(void *ctx, const clio_param *param, const char *role), void *ctx) {
  for (uint32_t i = 0; st->cfg && i < st->ps->s.params.count; i++) {
    const clio_param *p = &st->ps->params[i];
    if (p->flags & CLIO_PARAM_MODEL) each_role((const char *)st->cfg->data + p->offset, p, fn, ctx);
  }
}

typedef struct ask_check {
  const flow *f;
  flow_stage *st;
  diag *d;
} ask_check;

static void check_ask(void *ctx, const clio_param *p, const char *role) {
  ask_check *c = ctx;
  flow_model *m = flow_model_of(c->f, role);
  diag_pos at = config_at_item(c->st->cfg, c->st->gs, p->name, role);
  if (!m) { /* a role that was written wrong is config.c's to say; this is a default */
    diag_error(c->d, at, "stage '%s': %s: there is no model '%s'; declare it under models",
               c->st->gs->id, p->name, role);
    return;
  }
  m->asked = true;
  if (m->st->broken) return;
  bool embeds = p->flags & CLIO_PARAM_EMBED;
  if (m->st->ps->model->asks & (embeds ? CLIO_ASK_EMBED : CLIO_ASK_CHAT)) return;
  diag_error(c->d, at,
             embeds ? "stage '%s': %s: %s of model '%s' answers questions and has no embeddings"
                    : "stage '%s': %s: %s of model '%s' makes embeddings and answers no questions",
             c->st->gs->id, p->name, m->st->use, role);
}

/* The host of an address, or NULL. New string. */
static char *host_of(const char *url) {
  g_autoptr(GUri) uri = url ? g_uri_parse(url, G_URI_FLAGS_NONE, NULL) : NULL;
  return uri ? g_strdup(g_uri_get_host(uri)) : NULL;
}

/* What a wire model's calls cost; a budget of money needs to know. */
static void find_price(flow *f, flow_model *m, diag *d) {
  const flow_stage *st = m->st;
  if (!m->asked || st->broken || st->ps->model->answer) return;
  if (!f->prices) f->prices = graph_budget_prices(f->g, d);
  if (!f->prices) return;
  const char *name = config_string(st->cfg, st->ps, "model");
  g_autofree char *host = host_of(config_string(st->cfg, st->ps, "base_url"));
  m->price = graph_budget_price(f->g, f->prices, st->gs->id, strchr(st->use, '/') + 1, host,
                                name ? name : "");
  if (!m->price) graph_budget_refuse(f->g, st->gs->id, name ? name : st->use, d);
}

void flow_check_models(flow *f, diag *d) {
  for (guint i = 0; i < f->stages->len; i++) {
    ask_check c = {f, f->stages->pdata[i], d};
    if (c.st->ps) flow_roles(c.st, check_ask, &c);
  }
  for (guint i = 0; i < f->models->len; i++) {
    flow_model *m = f->models->pdata[i];
    find_price(f, m, d);
    if (!m->asked && diag_errors(d) == 0)
      diag_warning(d, m->gm->written->at, "no stage asks model '%s'", m->gm->written->id);
  }
}

/* ---- what leaves the machine ---- */

typedef struct describe {
  const flow *f;
  const flow_stage *st;
  GString *out;
} describe;

static bool reads_raw(const flow_stage *st) { return st->reads == CLIO_P_RAW; }

static void describe_ask(void *ctx, const clio_param *p, const char *role) {
  describe *t = ctx;
  const flow_model *m = flow_model_of(t->f, role);
  (void)p;
  if (!m || !m->st->ps) return;
  const char *url = config_string(m->st->cfg, m->st->ps, "base_url");
  bool local = m->st->ps->model->answer != NULL;
  const char *what = reads_raw(t->st) ? "conversation text" : "summaries";
  g_string_append_printf(t->out, "asks: %s puts %s to model '%s', %s%s%s\n", t->st->gs->id, what,
                         role, m->st->use,
                         local ? " in this process"
                         : url ? " at "
                               : "",
                         local || !url ? "" : url);
}

void flow_describe_models(const flow *f, GString *out) {
  for (guint i = 0; i < f->models->len; i++)
    flow_describe_choice(((const flow_model *)f->models->pdata[i])->st, out);
  for (guint i = 0; i < f->order->len; i++) {
    describe t = {f, flow_at(f, g_array_index(f->order, int, i)), out};
    flow_roles(t.st, describe_ask, &t);
  }
}
