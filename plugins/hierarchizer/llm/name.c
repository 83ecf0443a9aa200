/* name.c - parents named after their children; see level.h. */
#include "level.h"
#include "linalg.h"

enum { SHOWN = 50, RANDOM_SHOWN = 32 };

/* One group as it is shown. */
typedef struct family {
  uint64_t *item, count;   /* its children; at most SHOWN of them, drawn at random */
  uint64_t *other, others; /* the nearest items of other groups */
} family;

static clio_status family_of(const level *l, uint64_t g, family *ret) {
  const work *w = &l->r->w;
  uint64_t n = l->items.n, d = l->items.d, outside = (uint64_t)l->r->config->outside;
  uint8_t *mine = work_alloc(w, n, 1);
  float *centre = work_alloc(w, d, sizeof *centre);
  *ret = (family){.item = work_alloc(w, n, sizeof *ret->item)};
  ret->other = work_alloc(w, outside, sizeof *ret->other);
  if (!mine || !centre || !ret->item || !ret->other) return work_nomem(w, "names");
  for (uint64_t i = 0; i < n; i++) {
    if (l->group[i] != g) continue;
    mine[i] = 1;
    ret->item[ret->count++] = i;
    for (uint64_t e = 0; e < d; e++) centre[e] += l->items.place[i * d + e];
  }
  for (uint64_t i = 0; i < SHOWN && i < ret->count; i++) {
    uint64_t k = i + level_random(l, RANDOM_SHOWN, g << 20 | i) % (ret->count - i);
    uint64_t swap = ret->item[i];
    ret->item[i] = ret->item[k];
    ret->item[k] = swap;
  }
  if (ret->count > SHOWN) ret->count = SHOWN;
  return near_items(&l->items, centre, mine, outside, ret->other, &ret->others);
}

static clio_status name_prompt(level *l, uint64_t g, const naming_node *node, const char **ret) {
  llm_run *r = l->r;
  const llm_config *c = r->config;
  family f;
  prompt_text inside = prompt_begin(r->w.host, r->w.call);
  prompt_text around = prompt_begin(r->w.host, r->w.call);
  prompt_text shared = prompt_begin(r->w.host, r->w.call);
  prompt_place place[] = {{"groups", {NULL, 0}},
                          {"outside", {NULL, 0}},
                          {"words", {NULL, 0}},
                          {"criteria", r->naming.criteria}};
  CLIO_TRY(family_of(l, g, &f));
  level_put_items(l, &inside, f.item, f.count);
  level_put_items(l, &around, f.other, f.others);
  vocab_count(&r->vocab, node->rows.member, node->rows.members);
  char *words = vocab_list(&r->vocab, (uint32_t)c->vocabulary);
  if (!words) return work_nomem(&r->w, "names");
  prompt_data_line(&shared, clio_span_of(words, (int64_t)strlen(words)));
  CLIO_TRY(prompt_end(&inside, &place[0].text));
  CLIO_TRY(prompt_end(&around, &place[1].text));
  CLIO_TRY(prompt_end(&shared, &place[2].text));
  return level_prompt(l, c->name, place, sizeof place / sizeof place[0], ret);
}

/* What the model is told a node is called that got no name: the name it was proposed under,
 * or what its conversations have in common. */
static clio_status give_title(level *l, uint64_t g, const naming_node *node, const char **ret) {
  enum { WORDS = 6 };
  llm_run *r = l->r;
  *ret = node->name;
  if (!*ret && l->from[g] != GROUPS_NEW) *ret = l->proposal[l->from[g]];
  if (*ret) return CLIO_OK;
  vocab_count(&r->vocab, node->rows.member, node->rows.members);
  *ret = vocab_list(&r->vocab, WORDS);
  return *ret ? CLIO_OK : work_nomem(&r->w, "names");
}

clio_status level_name(level *l) {
  llm_run *r = l->r;
  uint64_t groups = l->groups, parents = r->tree.nodes;
  naming_node *node = work_alloc(&r->w, groups, sizeof *node);
  naming_node **each = work_alloc(&r->w, groups, sizeof *each);
  naming_question *question = work_alloc(&r->w, groups, sizeof *question);
  vocab_group *rows = NULL;
  if (!node || !each || !question) return work_nomem(&r->w, "names");
  leaves_add(&r->tree, l->first, l->items.n, l->group, groups);
  for (uint64_t i = 0; i < r->tree.leaves; i++) r->above[i] = (int32_t)l->group[r->above[i]];
  CLIO_TRY(vocab_split(&r->vocab, r->in.leaf, r->above, groups, &rows));
  for (uint64_t g = 0; g < groups; g++) {
    node[g] = (naming_node){.rows = rows[g], .wants_name = 1, .wants_description = 1};
    each[g] = &node[g];
    question[g] = (naming_question){.node = &each[g], .count = 1};
    CLIO_TRY(name_prompt(l, g, &node[g], &question[g].prompt));
  }
  CLIO_TRY(naming_run(&r->naming, question, groups));
  for (uint64_t g = 0; g < groups; g++) {
    r->tree.name[parents + g] = node[g].name;
    r->tree.description[parents + g] = node[g].description;
    CLIO_TRY(give_title(l, g, &node[g], &r->title[parents + g]));
  }
  return CLIO_OK;
}
