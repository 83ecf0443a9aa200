/* propose.c - names for parents: asked of each neighbourhood, then rid of those that say the
 * same; see level.h. */
#include "answer.h"
#include "level.h"
#include "linalg.h"
#include "snap.h"

enum {
  TITLE_BYTES = 120, /* longer names are no names */
  LOOK_BYTES = 4096,
  NAME_TOKENS = 40,
  SAME = 800,   /* overlap in thousandths from which two names say the same */
  AT_ONCE = 200 /* names in one question */
};
enum { RANDOM_HOODS = 1, RANDOM_MERGE };

static const char names_schema[] =
    "{\"type\":\"object\",\"properties\":{\"names\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"string\"}}},\"required\":[\"names\"],\"additionalProperties\":false}";

/* ---- proposals ---- */

static int is_known(const level *l, const char *name) {
  for (uint64_t i = 0; i < l->proposals; i++)
    if (snap_overlap(l->proposal[i], name) >= SAME) return 1;
  return 0;
}

static void add_proposal(level *l, const char *name, const float *place) {
  if (is_known(l, name)) return;
  memcpy(l->place + l->proposals * l->items.d, place, l->items.d * sizeof *place);
  l->proposal[l->proposals++] = name;
}

/* The i-th name of an answer; *ret is NULL where it is none. */
static clio_status name_at(const level *l, json_object *names, size_t i, const char **ret) {
  json_object *said = json_object_array_get_idx(names, i);
  char *line = NULL;
  *ret = NULL;
  if (!json_object_is_type(said, json_type_string)) return CLIO_OK;
  clio_span text = {json_object_get_string(said), json_object_get_string_len(said)};
  CLIO_TRY(answer_line(l->r->w.host, l->r->w.call, text, LOOK_BYTES, &line));
  if (line && strlen(line) <= TITLE_BYTES) *ret = line;
  return CLIO_OK;
}

/* One neighbourhood's question. */
typedef struct hood {
  uint64_t *item, count, wanted, most;
} hood;

/* Names of its largest items, where the model gave none. */
static clio_status propose_largest(level *l, const hood *h, const float *centre) {
  const double *weight = l->r->tree.weight + l->first;
  uint8_t *taken = work_alloc(&l->r->w, h->count, 1);
  if (!taken) return work_nomem(&l->r->w, "names");
  for (uint64_t n = 0; n < h->wanted && n < h->count; n++) {
    uint64_t best = h->count;
    for (uint64_t i = 0; i < h->count; i++)
      if (!taken[i] && (best == h->count || weight[h->item[i]] > weight[h->item[best]])) best = i;
    taken[best] = 1;
    add_proposal(l, level_title(l, h->item[best]), centre);
  }
  return CLIO_OK;
}

static clio_status take_names(level *l, const hood *h, const float *centre,
                              const clio_llm_job *job) {
  json_object *answer = answer_object(job);
  json_object *names = answer_get(answer, "names", json_type_array);
  uint64_t n = names ? json_object_array_length(names) : 0, taken = 0;
  clio_status status = CLIO_OK;
  for (uint64_t i = 0; i < n && taken < h->most && status == CLIO_OK; i++) {
    const char *name;
    status = name_at(l, names, i, &name);
    if (!name) continue;
    add_proposal(l, name, centre);
    taken++;
  }
  json_object_put(answer);
  if (taken > 0 || status != CLIO_OK) return status;
  l->r->fallbacks++;
  return propose_largest(l, h, centre);
}

static clio_status hood_items(const level *l, uint64_t at, hood *ret) {
  double share = (double)l->want / (double)l->items.n;
  ret->item = work_alloc(&l->r->w, l->items.n, sizeof *ret->item);
  if (!ret->item) return work_nomem(&l->r->w, "neighbourhoods");
  for (uint64_t i = 0; i < l->items.n; i++)
    if (l->near.hood[i] == at) ret->item[ret->count++] = i;
  ret->wanted = (uint64_t)((double)ret->count * share + 0.5);
  if (ret->wanted < 1) ret->wanted = 1;
  ret->most = ret->wanted + (ret->wanted + 1) / 2;
  return CLIO_OK;
}

static clio_status hood_prompt(const level *l, uint64_t at, const hood *h, const char **ret) {
  const llm_run *r = l->r;
  const llm_config *c = r->config;
  uint64_t count = 0, *outside = work_alloc(&r->w, (uint64_t)c->outside, sizeof *outside);
  uint8_t *skip = work_alloc(&r->w, l->items.n, 1);
  prompt_text inside = prompt_begin(r->w.host, r->w.call),
              around = prompt_begin(r->w.host, r->w.call);
  char wanted[24], least[24], most[24];
  if (!outside || !skip) return work_nomem(&r->w, "neighbourhoods");
  for (uint64_t i = 0; i < h->count; i++) skip[h->item[i]] = 1;
  CLIO_TRY(near_items(&l->items, l->near.centre + at * l->items.d, skip, (uint64_t)c->outside,
                      outside, &count));
  level_put_items(l, &inside, h->item, h->count);
  level_put_items(l, &around, outside, count);
  snprintf(wanted, sizeof wanted, "%llu", (unsigned long long)h->wanted);
  snprintf(least, sizeof least, "%llu", (unsigned long long)(h->wanted + 1) / 2);
  snprintf(most, sizeof most, "%llu", (unsigned long long)h->most);
  prompt_place place[] = {{"groups", {NULL, 0}},
                          {"outside", {NULL, 0}},
                          {"wanted", {wanted, (int64_t)strlen(wanted)}},
                          {"least", {least, (int64_t)strlen(least)}},
                          {"most", {most, (int64_t)strlen(most)}},
                          {"criteria", l->r->naming.criteria}};
  CLIO_TRY(prompt_end(&inside, &place[0].text));
  CLIO_TRY(prompt_end(&around, &place[1].text));
  return level_prompt(l, c->propose, place, sizeof place / sizeof place[0], ret);
}

static clio_status ask_hoods(level *l) {
  const llm_run *r = l->r;
  hood *h = work_alloc(&r->w, l->near.hoods, sizeof *h);
  clio_llm_job *job = work_alloc(&r->w, l->near.hoods, sizeof *job);
  uint64_t room = l->items.n;
  if (!h || !job) return work_nomem(&r->w, "neighbourhoods");
  for (uint64_t i = 0; i < l->near.hoods; i++) {
    CLIO_TRY(hood_items(l, i, &h[i]));
    job[i] = (clio_llm_job){.struct_size = sizeof *job,
                            .max_tokens = (uint32_t)(h[i].most + 2) * NAME_TOKENS,
                            .schema = names_schema,
                            .temperature = r->config->temperature};
    CLIO_TRY(hood_prompt(l, i, &h[i], &job[i].prompt));
    room += h[i].most;
  }
  l->proposal = work_alloc(&r->w, room, sizeof *l->proposal);
  l->place = work_alloc(&r->w, room, l->items.d * sizeof *l->place);
  if (!l->proposal || !l->place) return work_nomem(&r->w, "names");
  CLIO_TRY(r->llm->complete(r->w.call, r->config->model, job, l->near.hoods));
  for (uint64_t i = 0; i < l->near.hoods; i++)
    CLIO_TRY(take_names(l, &h[i], l->near.centre + i * l->items.d, &job[i]));
  if (l->proposals == 0) add_proposal(l, level_title(l, 0), l->items.place);
  return CLIO_OK;
}

/* ---- names that say the same ---- */

/* `count` numbers from `from` on, in an order of chance. */
static void shuffle(const level *l, uint32_t what, uint64_t from, uint64_t count, uint64_t *ret) {
  for (uint64_t i = 0; i < count; i++) ret[i] = from + i;
  for (uint64_t i = count; i > 1; i--) {
    uint64_t k = level_random(l, what, from * AT_ONCE + i) % i, swap = ret[i - 1];
    ret[i - 1] = ret[k];
    ret[k] = swap;
  }
}

static clio_status merge_prompt(const level *l, const uint64_t *order, uint64_t count,
                                uint64_t wanted, const char **ret) {
  const llm_config *c = l->r->config;
  prompt_text names = prompt_begin(l->r->w.host, l->r->w.call);
  char number[24];
  for (uint64_t i = 0; i < count; i++) {
    const char *name = l->proposal[order[i]];
    prompt_say(&names, "- ");
    prompt_data_line(&names, clio_span_of(name, (int64_t)strlen(name)));
    prompt_say(&names, "\n");
  }
  snprintf(number, sizeof number, "%llu", (unsigned long long)wanted);
  prompt_place place[] = {{"names", {NULL, 0}},
                          {"unused", {"", 0}},
                          {"wanted", {number, (int64_t)strlen(number)}},
                          {"criteria", l->r->naming.criteria}};
  CLIO_TRY(prompt_end(&names, &place[0].text));
  return level_prompt(l, c->merge, place, sizeof place / sizeof place[0], ret);
}

/* Marks the proposals that an answer keeps: each of its names is the nearest of these. */
static clio_status keep_named(level *l, const clio_llm_job *job, uint64_t from, uint64_t count,
                              uint8_t *kept) {
  json_object *answer = answer_object(job);
  json_object *names = answer_get(answer, "names", json_type_array);
  uint64_t n = names ? json_object_array_length(names) : 0, taken = 0;
  clio_status status = CLIO_OK;
  for (uint64_t i = 0; i < n && taken < count && status == CLIO_OK; i++) {
    const char *name;
    status = name_at(l, names, i, &name);
    if (!name) continue;
    kept[from + snap_find(name, l->proposal + from, count)] = 1;
    taken++;
  }
  json_object_put(answer);
  if (taken > 0 || status != CLIO_OK) return status;
  l->r->fallbacks++;
  memset(kept + from, 1, count);
  return CLIO_OK;
}

static void drop_others(level *l, const uint8_t *kept) {
  uint64_t n = 0, d = l->items.d;
  for (uint64_t i = 0; i < l->proposals; i++) {
    if (!kept[i]) continue;
    l->proposal[n] = l->proposal[i];
    memmove(l->place + n * d, l->place + i * d, d * sizeof *l->place);
    n++;
  }
  l->proposals = n;
}

static clio_status merge(level *l) {
  const llm_run *r = l->r;
  uint64_t parts = (l->proposals + AT_ONCE - 1) / AT_ONCE, count = 0;
  uint64_t order[AT_ONCE];
  clio_llm_job *job = work_alloc(&r->w, parts, sizeof *job);
  uint8_t *kept = work_alloc(&r->w, l->proposals, 1);
  if (!job || !kept) return work_nomem(&r->w, "names");
  for (uint64_t p = 0; p < parts; p++) {
    uint64_t from = p * AT_ONCE, n = l->proposals - from < AT_ONCE ? l->proposals - from : AT_ONCE;
    uint64_t wanted = (l->want * n + l->proposals - 1) / l->proposals;
    shuffle(l, RANDOM_MERGE, from, n, order);
    job[p] = (clio_llm_job){.struct_size = sizeof *job,
                            .max_tokens = (uint32_t)(n + 2) * NAME_TOKENS,
                            .schema = names_schema,
                            .temperature = r->config->temperature};
    CLIO_TRY(merge_prompt(l, order, n, wanted, &job[p].prompt));
  }
  CLIO_TRY(r->llm->complete(r->w.call, r->config->model, job, parts));
  for (uint64_t p = 0; p < parts; p++) {
    uint64_t from = p * AT_ONCE, n = l->proposals - from < AT_ONCE ? l->proposals - from : AT_ONCE;
    CLIO_TRY(keep_named(l, &job[p], from, n, kept));
  }
  for (uint64_t i = 0; i < l->proposals; i++) count += kept[i];
  for (uint64_t i = 0; i < l->proposals && count < (l->want + 1) / 2; i++)
    if (!kept[i]) count += kept[i] = 1;
  drop_others(l, kept);
  return CLIO_OK;
}

clio_status level_propose(level *l) {
  CLIO_TRY(near_find(&l->items, (uint64_t)l->r->config->neighbourhood,
                     level_random(l, RANDOM_HOODS, 0), &l->near));
  CLIO_TRY(ask_hoods(l));
  return l->near.hoods > 1 && l->proposals > 1 ? merge(l) : CLIO_OK;
}
