/* llm.c - the roles of a run, models in this process, and the service; see llm.h. */
#include "llm.h"

#include <string.h>

#include "graph_budget.h"
#include "llm_parts.h"
#include "llm_schema.h"
#include "log.h"
#include "util.h"

/* ---- roles ---- */

llm_role *llm_find(llm *l, const char *role) {
  for (guint i = 0; l && role && i < l->roles->len; i++) {
    llm_role *m = l->roles->pdata[i];
    if (strcmp(m->m->gm->written->id, role) == 0) return m;
  }
  return NULL;
}

void llm_stop(llm *l, clio_status status, const char *why) {
  g_mutex_lock(&l->lock);
  error_set(&l->stop, status, "%s", why);
  g_mutex_unlock(&l->lock);
}

clio_status llm_stopped(const run *r, error *e) {
  llm *l = r->llm;
  if (!l) return CLIO_OK;
  g_mutex_lock(&l->lock);
  clio_status s = l->stop.status;
  if (s != CLIO_OK) error_set(e, s, "%s", l->stop.text);
  g_mutex_unlock(&l->lock);
  return s;
}

static void wipe(char *secret) {
  if (secret) explicit_bzero(secret, strlen(secret));
  g_free(secret);
}

static void role_free(void *p) {
  llm_role *m = p;
  lane_free(m->lane);
  if (m->stage.created) m->m->st->ps->s.destroy(m->stage.self);
  g_mutex_clear(&m->serial);
  g_free(m->identity);
  g_free(m->params);
  wipe(m->key);
  g_free(m);
}

static llm_role *role_new(llm *l, const flow_model *fm) {
  llm_role *m = g_new0(llm_role, 1);
  m->r = l->r;
  m->m = fm;
  m->model = fm->st->ps->model;
  m->config = fm->st->cfg->data;
  m->stage.fs = fm->st;
  g_mutex_init(&m->serial);
  g_ptr_array_add(l->roles, m);
  return m;
}

static clio_status create_local(llm_role *m, error *e) {
  clio_call call;
  m->stage.created = true;
  call_begin(&call, m->r, &m->stage);
  clio_status s = m->m->st->ps->s.create(host_table(), &call, m->config, &m->stage.self);
  if (s == CLIO_OK && call.err.status != CLIO_OK) s = call.err.status;
  if (s != CLIO_OK) call_error(&call, s, e);
  call_end(&call);
  return s;
}

static char *repair_text(error *e) {
  g_autofree char *path = g_build_filename(data_dir(), "prompts", "repair.txt", NULL);
  g_autoptr(GError) failed = NULL;
  char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, &failed))
    error_set(e, CLIO_E_IO, "cannot read %s: %s", path, failed->message);
  return text;
}

clio_status llm_open(run *r, error *e) {
  if (r->f->models->len == 0) return CLIO_OK;
  llm *l = g_new0(llm, 1);
  r->llm = l;
  l->r = r;
  l->roles = g_ptr_array_new_with_free_func(role_free);
  g_mutex_init(&l->lock);
  g_mutex_init(&l->opening);
  l->repair = repair_text(e);
  clio_status s = l->repair ? CLIO_OK : CLIO_E_IO;
  for (guint i = 0; i < r->f->models->len && s == CLIO_OK; i++) {
    const flow_model *fm = r->f->models->pdata[i];
    if (!fm->asked) continue;
    llm_role *m = role_new(l, fm);
    if (r->plan && !m->model->answer)
      llm_plan_open(l, m);
    else
      s = m->model->answer ? create_local(m, e) : llm_wire_open(l, m, e);
  }
  return s;
}

clio_status llm_close(run *r, error *e) {
  llm *l = r->llm;
  if (!l) return CLIO_OK;
  g_ptr_array_free(l->roles, TRUE);
  http_free(l->http);
  clio_status s = ledger_close(l->ledger, e);
  g_free(l->repair);
  g_mutex_clear(&l->lock);
  g_mutex_clear(&l->opening);
  g_free(l);
  r->llm = NULL;
  return s;
}

/* A run that asked nothing ends the account of those before it too. */
void llm_done(run *r) {
  llm *l = r->llm;
  error ignored = {0};
  g_autofree char *path = g_build_filename(r->options.out, "private", "ledger.db", NULL);
  for (guint i = 0; l && !l->ledger && !r->plan && i < l->roles->len; i++) {
    llm_role *m = l->roles->pdata[i];
    if (!m->model->answer && g_file_test(path, G_FILE_TEST_EXISTS)) llm_wire_ready(m, &ignored);
  }
  if (l && l->ledger) ledger_done(l->ledger);
}

/* ---- jobs ---- */

clio_llm_job *llm_job(clio_llm_job *jobs, uint64_t i) {
  return (clio_llm_job *)(void *)((char *)jobs + i * jobs->struct_size);
}

clio_status llm_give(clio_call *call, clio_llm_job *job, uint32_t outcome, const char *text,
                     int64_t length) {
  job->outcome = outcome;
  job->text = NULL;
  job->text_len = 0;
  if (!text) return CLIO_OK;
  char *copy = host_scratch(call, (uint64_t)length + 1);
  if (!copy) return host_fail(call, CLIO_E_NOMEM, "no memory for an answer; raise --max-memory");
  memcpy(copy, text, (size_t)length);
  job->text = copy;
  job->text_len = length;
  return CLIO_OK;
}

char *llm_repair_prompt(const llm *l, const char *prompt, const char *why) {
  const char *mark = strstr(l->repair, "{problem}");
  int before = mark ? (int)(mark - l->repair) : (int)strlen(l->repair);
  return g_strdup_printf("%s\n\n%.*s%s%s", prompt, before, l->repair, mark ? why : "",
                         mark ? mark + strlen("{problem}") : "");
}

/* ---- models in this process ---- */

/* One question; the reply's strings live until `inner` ends. */
static clio_status answer(llm_role *m, clio_call *inner, const clio_ask *ask, clio_reply *reply) {
  bool serial = m->model->threads != CLIO_PARALLEL;
  *reply = (clio_reply){.struct_size = sizeof *reply};
  if (serial) g_mutex_lock(&m->serial);
  clio_status s = m->model->answer(m->stage.self, inner, ask, reply);
  if (serial) g_mutex_unlock(&m->serial);
  if (s == CLIO_OK && inner->err.status != CLIO_OK) s = inner->err.status;
  return s;
}

/* Ends the inner call; its error becomes the outer one's. */
static clio_status leave(clio_call *call, clio_call *inner, clio_status s) {
  error e = {0};
  if (s != CLIO_OK) call_error(inner, s, &e);
  call_end(inner);
  return s == CLIO_OK ? s : host_fail(call, s, e.text);
}

static clio_status ask_once(clio_call *call, llm_role *m, clio_llm_job *job, const char *prompt,
                            char room[LLM_WHY_ROOM], const char **ret_why) {
  clio_call inner;
  clio_reply reply;
  clio_llm_job asked = *job;
  asked.struct_size = sizeof asked;
  asked.prompt = prompt;
  clio_ask ask = {.struct_size = sizeof ask, .kind = CLIO_ASK_CHAT, .job = &asked, .count = 1};
  *ret_why = NULL;
  call_begin(&inner, m->r, &m->stage);
  clio_status s = answer(m, &inner, &ask, &reply);
  int64_t start = 0, length = reply.text ? reply.text_len : 0;
  bool checked = s == CLIO_OK && reply.outcome == CLIO_OUT_OK && job->schema && reply.text;
  if (checked && !llm_schema_check(job->schema, reply.text, length, &start, &length, room, ret_why))
    reply.outcome = CLIO_OUT_INVALID;
  uint32_t outcome = reply.outcome <= CLIO_OUT_INVALID ? reply.outcome : CLIO_OUT_INVALID;
  const char *text = outcome == CLIO_OUT_INVALID || !reply.text ? NULL : reply.text + start;
  if (s == CLIO_OK) s = llm_give(call, job, outcome, text, length);
  return leave(call, &inner, s);
}

static clio_status local_complete(clio_call *call, llm_role *m, clio_llm_job *jobs, uint64_t n) {
  clio_status s = CLIO_OK;
  for (uint64_t i = 0; i < n && s == CLIO_OK; i++) {
    clio_llm_job *job = llm_job(jobs, i);
    const char *why = NULL;
    char room[LLM_WHY_ROOM];
    if (run_is_cancelled(m->r)) return CLIO_E_CANCELLED;
    s = ask_once(call, m, job, job->prompt, room, &why);
    for (int64_t k = 0; k < m->m->gm->repairs && why && s == CLIO_OK; k++) {
      g_autofree char *again = llm_repair_prompt(m->r->llm, job->prompt, why);
      s = ask_once(call, m, job, again, room, &why);
    }
  }
  return s;
}

static clio_status wrong_vectors(clio_call *call, const llm_role *m, const clio_reply *reply,
                                 uint64_t count, uint32_t dim) {
  char text[200];
  g_snprintf(text, sizeof text,
             "model '%s' gave %u vectors of %u numbers where %" G_GUINT64_FORMAT
             " of %u were asked for",
             m->m->gm->written->id, reply->vectors ? reply->count : 0, reply->dim, count, dim);
  return host_fail(call, CLIO_E_CONFIG, text);
}

static clio_status embed_some(clio_call *call, llm_role *m, const clio_ask *ask, float *ret) {
  clio_call inner;
  clio_reply reply;
  call_begin(&inner, m->r, &m->stage);
  clio_status s = answer(m, &inner, ask, &reply);
  if (s == CLIO_OK && reply.outcome != CLIO_OUT_OK) return leave(call, &inner, s); /* zeros stay */
  if (s == CLIO_OK &&
      (!reply.vectors || reply.count != ask->count || (ask->dim && reply.dim != ask->dim)))
    s = wrong_vectors(&inner, m, &reply, ask->count, ask->dim);
  if (s == CLIO_OK) memcpy(ret, reply.vectors, ask->count * reply.dim * sizeof *ret);
  return leave(call, &inner, s);
}

static clio_status local_embed(clio_call *call, llm_role *m, const char *const *texts,
                               const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  uint64_t most = m->model->embeds_at_once ? m->model->embeds_at_once : 1;
  clio_status s = CLIO_OK;
  for (uint64_t i = 0; i < n && s == CLIO_OK; i += most) {
    if (run_is_cancelled(m->r)) return CLIO_E_CANCELLED;
    clio_ask ask = {.struct_size = sizeof ask,
                    .kind = CLIO_ASK_EMBED,
                    .texts = texts + i,
                    .lens = lens + i,
                    .count = MIN(most, n - i),
                    .dim = dim};
    s = embed_some(call, m, &ask, ret + i * dim);
  }
  return s;
}

/* ---- the service ---- */

typedef struct named {
  const char *role;
  bool found;
} named;

static void note_role(void *ctx, const clio_param *param, const char *role) {
  named *n = ctx;
  (void)param;
  n->found |= !strcmp(n->role, role);
}

/* The role, if the stage named it in a parameter: what `clio check` shows is all that a
 * stage can ask. */
static llm_role *role_for(clio_call *call, const char *role, uint32_t kind, clio_status *ret) {
  named n = {role ? role : "", false};
  flow_roles(call->stage->fs, note_role, &n);
  llm_role *m = n.found ? llm_find(call->run->llm, role) : NULL;
  char text[160];
  if (!m)
    g_snprintf(text, sizeof text,
               "asked model '%.64s', which none of its parameters names (CLIO_PARAM_MODEL)",
               role ? role : "");
  else if (!(m->model->asks & kind))
    g_snprintf(text, sizeof text, "model '%.64s' cannot be asked for %s", role,
               kind == CLIO_ASK_EMBED ? "embeddings" : "answers");
  else
    return m;
  *ret = host_fail(call, CLIO_E_CONFIG, text);
  return NULL;
}

static clio_status complete(clio_call *call, const char *role, clio_llm_job *jobs, uint64_t n) {
  clio_status s = CLIO_OK;
  llm_role *m = role_for(call, role, CLIO_ASK_CHAT, &s);
  if (!m || n == 0) return s;
  if (!jobs || jobs->struct_size < sizeof *jobs)
    return host_fail(call, CLIO_E_INTERNAL, "a job without struct_size; set it with sizeof");
  for (uint64_t i = 0; i < n; i++)
    if (!llm_job(jobs, i)->prompt || llm_job(jobs, i)->max_tokens == 0)
      return host_fail(call, CLIO_E_INTERNAL, "a job without prompt or max_tokens");
  if (m->model->answer) return local_complete(call, m, jobs, n);
  return call->run->plan ? llm_plan_complete(call, m, jobs, n)
                         : llm_wire_complete(call, m, jobs, n);
}

static clio_status embed(clio_call *call, const char *role, const char *const *texts,
                         const int64_t *lens, uint64_t n, float *ret, uint32_t dim) {
  clio_status s = CLIO_OK;
  llm_role *m = role_for(call, role, CLIO_ASK_EMBED, &s);
  if (!m || n == 0) return s;
  if (dim == 0) return host_fail(call, CLIO_E_INTERNAL, "embed: vectors of no numbers");
  memset(ret, 0, n * dim * sizeof *ret);
  if (m->model->answer) return local_embed(call, m, texts, lens, n, ret, dim);
  return call->run->plan ? llm_plan_embed(call, m, texts, lens, n, ret, dim)
                         : llm_wire_embed(call, m, texts, lens, n, ret, dim);
}

const clio_llm *llm_service(void) {
  static const clio_llm service = {sizeof service, 0, complete, embed};
  return &service;
}
