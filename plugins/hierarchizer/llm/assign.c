/* assign.c - each item's best parent, asked for one by one; see level.h. */
#include "answer.h"
#include "level.h"
#include "snap.h"

enum { RANDOM_CHOICES = 16, CHOICE_TOKENS = 60, LOOK_BYTES = 200 };

static const char choice_schema[] =
    "{\"type\":\"object\",\"properties\":{\"choice\":{\"type\":\"string\"}},\"required\":"
    "[\"choice\"],\"additionalProperties\":false}";

/* The parents one item may have, nearest first, and their number. */
typedef struct choices {
  uint64_t *parent, count;
} choices;

static clio_status choices_of(const level *l, const groups_items *parents, uint64_t item,
                              choices *ret) {
  uint64_t most = (uint64_t)l->r->config->choices;
  ret->parent = work_alloc(&l->r->w, most < parents->n ? most : parents->n, sizeof *ret->parent);
  if (!ret->parent) return work_nomem(&l->r->w, "choices");
  return near_items(parents, l->items.place + item * l->items.d, NULL, most, ret->parent,
                    &ret->count);
}

static clio_status choice_prompt(const level *l, uint64_t item, const choices *c,
                                 const char **ret) {
  const llm_run *r = l->r;
  prompt_text group = prompt_begin(r->w.host, r->w.call), list = prompt_begin(r->w.host, r->w.call);
  prompt_place place[] = {{"group", {NULL, 0}}, {"choices", {NULL, 0}}};
  uint64_t *order = work_alloc(&r->w, c->count, sizeof *order);
  if (!order) return work_nomem(&r->w, "choices");
  memcpy(order, c->parent, c->count * sizeof *order);
  for (uint64_t i = c->count; i > 1; i--) {
    uint64_t k = level_random(l, RANDOM_CHOICES, item << 20 | i) % i, swap = order[i - 1];
    order[i - 1] = order[k];
    order[k] = swap;
  }
  for (uint64_t i = 0; i < c->count; i++) {
    const char *name = l->proposal[order[i]];
    prompt_say(&list, "- ");
    prompt_data_line(&list, clio_span_of(name, (int64_t)strlen(name)));
    prompt_say(&list, "\n");
  }
  level_put_items(l, &group, &item, 1);
  CLIO_TRY(prompt_end(&group, &place[0].text));
  CLIO_TRY(prompt_end(&list, &place[1].text));
  return level_prompt(l, r->config->assign, place, 2, ret);
}

/* What the answer means; the nearest parent where there is none. */
static clio_status take_choice(level *l, choices *c, const clio_llm_job *job, uint32_t *ret) {
  const llm_run *r = l->r;
  json_object *answer = answer_object(job);
  char *said;
  clio_status status = answer_text(r->w.host, r->w.call, answer, "choice", LOOK_BYTES, &said);
  json_object_put(answer);
  if (status != CLIO_OK) return status;
  *ret = (uint32_t)c->parent[0];
  if (!said) {
    l->r->fallbacks++;
    return CLIO_OK;
  }
  const char **name = work_alloc(&r->w, c->count, sizeof *name);
  uint8_t *mine = work_alloc(&r->w, l->proposals, 1);
  if (!name || !mine) return work_nomem(&r->w, "choices");
  for (uint64_t i = 0; i < c->count; i++) mine[c->parent[i]] = 1;
  uint64_t n = 0;
  for (uint64_t p = 0; p < l->proposals; p++) {
    if (!mine[p]) continue;
    name[n] = l->proposal[p];
    c->parent[n++] = p;
  }
  uint64_t found = snap_find(said, name, n);
  l->r->fallbacks += snap_overlap(said, name[found]) < 1000;
  *ret = (uint32_t)c->parent[found];
  return CLIO_OK;
}

static clio_status ask_all(level *l, const groups_items *parents) {
  const llm_run *r = l->r;
  uint64_t n = l->items.n;
  choices *c = work_alloc(&r->w, n, sizeof *c);
  clio_llm_job *job = work_alloc(&r->w, n, sizeof *job);
  if (!c || !job) return work_nomem(&r->w, "choices");
  for (uint64_t i = 0; i < n; i++) {
    CLIO_TRY(choices_of(l, parents, i, &c[i]));
    job[i] = (clio_llm_job){.struct_size = sizeof *job,
                            .max_tokens = CHOICE_TOKENS,
                            .schema = choice_schema,
                            .temperature = r->config->temperature};
    CLIO_TRY(choice_prompt(l, i, &c[i], &job[i].prompt));
    if (r->w.host->cancelled(r->w.call)) return CLIO_E_CANCELLED;
  }
  CLIO_TRY(r->llm->complete(r->w.call, r->config->model, job, n));
  for (uint64_t i = 0; i < n; i++) CLIO_TRY(take_choice(l, &c[i], &job[i], &l->group[i]));
  return CLIO_OK;
}

clio_status level_assign(level *l) {
  const work *w = &l->r->w;
  groups_items parents = {.w = w, .place = l->place, .n = l->proposals, .d = l->items.d};
  parents.room = work_alloc(w, parents.n, NEAR_ROOM);
  l->group = work_alloc(w, l->items.n, sizeof *l->group);
  l->from = work_alloc(w, l->items.n + l->proposals, sizeof *l->from);
  if (!parents.room || !l->group || !l->from) return work_nomem(w, "choices");
  if (l->proposals > 1) CLIO_TRY(ask_all(l, &parents));
  return groups_settle(&l->items, l->group, l->proposals, l->want, l->from, &l->groups);
}
