/* cache.c - keys, needs and reasons; see cache.h. The whole-table half and the
 * release are in cache_whole.c. */
#include "cache.h"

#include <cblas.h>
#include <string.h>
#include <unicode/uvernum.h>

#include "asset.h"
#include "cache_parts.h"
#include "input_key.h"
#include "manifest.h"
#include "roll.h"
#include "util.h"

/* ---- what all keys share ---- */

static clio_status hash_file(const char *path, sha256_sum *sum, error *e) {
  g_autofree char *bytes = NULL;
  g_autoptr(GError) failed = NULL;
  gsize length = 0;
  if (!g_file_get_contents(path, &bytes, &length, &failed))
    return error_set(e, CLIO_E_IO, "cannot read %s: %s", path, failed->message);
  sha256_add(sum, &length, sizeof length);
  sha256_add(sum, bytes, length);
  return CLIO_OK;
}

/* This program and the libraries whose results may differ from version to version
 * or from one kind of processor to another. */
static clio_status hash_host(cache *c, error *e) {
  sha256_sum sum;
  sha256_begin(&sum);
  clio_status s = hash_file("/proc/self/exe", &sum, e);
  const char *text[] = {openblas_get_corename(), openblas_get_config(), U_ICU_VERSION};
  for (size_t i = 0; i < G_N_ELEMENTS(text); i++) sha256_add(&sum, text[i], strlen(text[i]) + 1);
  sha256_end_hex(&sum, c->host);
  return s;
}

static gint by_name(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static clio_status hash_words(cache *c, error *e) {
  g_autofree char *folder = g_build_filename(data_dir(), "words", NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  GDir *dir = g_dir_open(folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name(dir));)
    g_ptr_array_add(names, g_strdup(name));
  if (dir) g_dir_close(dir);
  g_ptr_array_sort(names, by_name);
  sha256_sum sum;
  sha256_begin(&sum);
  clio_status s = CLIO_OK;
  for (guint i = 0; i < names->len && s == CLIO_OK; i++) {
    g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
    sha256_add(&sum, names->pdata[i], strlen(names->pdata[i]) + 1);
    s = hash_file(path, &sum, e);
  }
  sha256_end_hex(&sum, c->words);
  g_autofree char *repair = g_build_filename(data_dir(), "prompts", "repair.txt", NULL);
  sha256_begin(&sum);
  hash_file(repair, &sum, NULL); /* where it cannot be read, llm_open says so */
  sha256_end_hex(&sum, c->repair);
  g_ptr_array_free(names, TRUE);
  return s;
}

clio_status cache_open(run *r, error *e) {
  cache *c = g_new0(cache, 1);
  r->cache = c;
  c->row_key = g_new0(char *, r->f->stages->len + 1);
  rng_key id = rng_derive(r->project_key, "cache");
  g_snprintf(c->project, sizeof c->project, "%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
             id.k0, id.k1);
  uint64_t caps = flow_at(r->f, r->f->source)->ps->s.caps;
  c->repeatable = !(caps & (CLIO_CAP_NETWORK | CLIO_CAP_EXEC));
  clio_status s = hash_host(c, e);
  if (s == CLIO_OK) s = hash_words(c, e);
  if (s == CLIO_OK && r->input) s = input_key_new(r, &c->input, e);
  if (r->input && !c->input) c->repeatable = false;
  return s;
}

void cache_close(run *r) {
  cache *c = r->cache;
  if (!c) return;
  for (guint i = 0; i < r->f->stages->len; i++) g_free(c->row_key[i]);
  g_free(c->row_key);
  g_free(c->accounts);
  input_key_free(c->input);
  g_free(c);
  r->cache = NULL;
}

clio_status cache_check_input(const run *r, error *e) {
  return r->cache->input ? input_key_check(r->cache->input, e) : CLIO_OK;
}

/* Kept under the name of the source's key. */
static char *input_note(run *r) {
  return g_strconcat("input sha256 ", cache_row_key(r, r->f->source), NULL);
}

char *cache_input_sha256(run *r) {
  g_autofree char *name = input_note(r);
  const char *mine = input_sha256(r->input);
  return mine ? g_strdup(mine) : store_note(r->store, name);
}

clio_status cache_keep_input_sha256(run *r, error *e) {
  const char *mine = r->input ? input_sha256(r->input) : NULL;
  g_autofree char *name = input_note(r);
  return mine ? store_put_note(r->store, name, mine, e) : CLIO_OK;
}

bool cache_is_repeatable(const run *r) { return r->cache->repeatable; }

/* ---- a stage's parts ---- */

static void put_assets(const flow_stage *fs, cache_key *k) {
  for (uint32_t i = 0; i < fs->ps->s.assets.count; i++) {
    const asset *a = NULL; /* one that cannot be opened fails the stage's create() */
    clio_status s = asset_open(fs->ps->assets[i].name, &a, NULL);
    g_autofree char *name = g_strdup_printf("asset %s", fs->ps->assets[i].name);
    cache_key_put(k, name, s == CLIO_OK ? a->sha256 : NULL);
  }
}

typedef struct put_ctx {
  const run *r;
  cache_key *k;
} put_ctx;

/* A model that the stage asks: another one may answer otherwise. Of its limits, only how
 * often a wrong answer is asked for again counts, and in what words. */
static void put_model(void *ctx, const clio_param *param, const char *role) {
  put_ctx *c = ctx;
  const flow_stage *ms = flow_model_of(c->r->f, role)->st;
  g_autofree char *use = g_strdup_printf("model %s", role);
  g_autofree char *file = g_strdup_printf("model %s plugin", role);
  g_autofree char *prefix = g_strdup_printf("model %s parameter", role);
  g_autofree char *parameters = config_json(ms->cfg, ms->ps, true);
  (void)param;
  cache_key_put(c->k, use, ms->use);
  cache_key_put(c->k, file, ms->ps->owner->sha256);
  cache_key_put_json(c->k, prefix, parameters);
  g_autofree char *repairs = g_strdup_printf("model %s limits.repairs", role);
  g_autofree char *words = g_strdup_printf("model %s prompts/repair.txt", role);
  cache_key_put_int(c->k, repairs, flow_model_of(c->r->f, role)->gm->repairs);
  cache_key_put(c->k, words, c->r->cache->repair);
  put_assets(ms, c->k);
}

void cache_put_static(const run *r, int stage, cache_key *k) {
  const flow_stage *fs = flow_at(r->f, stage);
  put_ctx ctx = {r, k};
  cache_key_put(k, "stage", fs->gs->id);
  cache_key_put(k, "use", fs->use);
  cache_key_put(k, "plugin", fs->ps->owner->sha256);
  put_assets(fs, k);
  flow_roles(fs, put_model, &ctx);
  g_autofree char *parameters = config_json(fs->cfg, fs->ps, true);
  cache_key_put_json(k, "parameter", parameters);
  cache_key_put_int(k, "seed", r->g->seed);
  cache_key_put(k, "clio", r->cache->host);
}

/* Of the sampler, what counts is the pick itself. */
static cache_key *row_parts(run *r, int stage) {
  const flow_stage *fs = flow_at(r->f, stage);
  cache_key *k = cache_key_new();
  if (fs->role == FLOW_SAMPLER) {
    cache_put_rows(k, r->picked);
    for (guint i = 0; i < r->picked->columns->len; i++)
      cache_put_column(k, "column", r->picked->columns->pdata[i]);
  } else {
    cache_put_static(r, stage, k);
  }
  if (fs->role == FLOW_SOURCE) {
    const input_key *in = r->cache->input;
    cache_key_put(k, "input", in ? input_key_text(in) : NULL);
    cache_key_put(k, "key", r->cache->project);
  }
  for (guint i = 0; i < fs->from->len; i++) {
    int from = g_array_index(fs->from, int, i);
    g_autofree char *name = g_strdup_printf("from %s", flow_at(r->f, from)->gs->id);
    cache_key_put(k, name, cache_row_key(r, from));
  }
  return k;
}

const char *cache_row_key(run *r, int stage) {
  char **slot = &r->cache->row_key[stage];
  if (*slot) return *slot;
  cache_key *k = row_parts(r, stage);
  *slot = cache_key_digest(k);
  cache_key_free(k);
  return *slot;
}

/* ---- needs ---- */

/* The privacy section as parts, for the stages that ask for it. */
static cache_key *policy_parts(const run *r) {
  const clio_policy *p = &r->policy;
  cache_key *k = cache_key_new();
  cache_key_put_int(k, "privacy cluster.accounts", p->cluster_accounts);
  cache_key_put_int(k, "privacy cluster.conversations", p->cluster_conversations);
  cache_key_put_int(k, "privacy cluster.organizations", p->cluster_organizations);
  cache_key_put_int(k, "privacy cell.accounts", p->cell_accounts);
  cache_key_put_int(k, "privacy cell.conversations", p->cell_conversations);
  cache_key_put_int(k, "privacy cell.organizations", p->cell_organizations);
  cache_key_put_int(k, "privacy word.accounts", p->word_accounts);
  cache_key_put_int(k, "privacy account_cap", p->account_cap);
  cache_key_put_int(k, "privacy audit_floor", p->audit_floor);
  cache_key_put_int(k, "privacy round", p->round_to);
  cache_key_put(k, "privacy mode", p->mode);
  return k;
}

/* The roll's content; it grows, but never changes what it holds. */
static const char *accounts_now(const run *r) {
  cache *c = r->cache;
  if (c->accounts && c->accounts_rows == roll_count(r->roll)) return c->accounts;
  g_free(c->accounts);
  c->accounts = roll_content(r->roll);
  c->accounts_rows = roll_count(r->roll);
  return c->accounts;
}

/* What the text rule decides by: in public mode not what the policy says. */
static cache_key *rule_parts(const run *r) {
  const gate_policy *p = &r->gate_policy;
  cache_key *k = cache_key_new();
  cache_key_put_int(k, "privacy word.accounts of the text rule", p->word_accounts);
  cache_key_put_int(k, "privacy word.exempt of the text rule", p->word_exempt_common);
  cache_key_put_int(k, "privacy organizations of the text rule", p->cluster.organizations);
  cache_key_put_int(k, "privacy assume", r->g->privacy.one_account_per_conversation);
  cache_key_put(k, "words", r->cache->words);
  cache_key_put(k, "accounts", accounts_now(r));
  return k;
}

/* All that a stage may have asked for. */
static cache_key *asked_parts(const run *r, int asked) {
  cache_key *all[] = {asked & CACHE_ASKED_POLICY ? policy_parts(r) : NULL,
                      asked & CACHE_ASKED_RULE ? rule_parts(r) : NULL};
  cache_key *k = cache_key_new();
  for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
    if (all[i]) cache_key_append(k, all[i]);
    cache_key_free(all[i]);
  }
  if (asked & CACHE_ASKED_WORDS) cache_key_put(k, "words", r->cache->words);
  if (asked & CACHE_ASKED_UNANSWERED) cache_key_put(k, "unanswered questions", "some");
  return k;
}

/* Everything that can be a need, as it is now. */
static GHashTable *needs_now(const run *r) {
  GHashTable *now = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  cache_key *k = asked_parts(r, CACHE_ASKED_POLICY | CACHE_ASKED_RULE | CACHE_ASKED_WORDS);
  for (size_t i = 0; i < cache_key_count(k); i++)
    g_hash_table_insert(now, g_strdup(cache_key_name(k, i)), g_strdup(cache_key_value(k, i)));
  cache_key_free(k);
  return now;
}

static bool need_is_met(void *now, const char *name, const char *value) {
  const char *mine = g_hash_table_lookup(now, name);
  return mine && !strcmp(mine, value);
}

clio_status cache_find(run *r, const char *key, stored **ret, const char **ret_why, error *e) {
  *ret = NULL;
  *ret_why = NULL;
  GHashTable *now = needs_now(r);
  bool met = entry_needs(r->store, key, need_is_met, now), damaged = false;
  g_hash_table_unref(now);
  if (!met) return CLIO_OK;
  clio_status s = entry_load(r->store, key, ret, &damaged, e);
  if (damaged) *ret_why = "what was kept of it is damaged";
  return s;
}

/* ---- reasons and counts ---- */

void cache_explain(run *r, int stage, const cache_key *parts, const char *otherwise) {
  run_stage *st = &r->stages[stage];
  GHashTable *before = store_parts(r->store, st->fs->gs->id), *now = needs_now(r);
  cache_key *mine = parts ? cache_key_copy(parts) : row_parts(r, stage);
  for (size_t i = 0; before && i < cache_key_count(mine); i++)
    g_hash_table_remove(now, cache_key_name(mine, i));
  GHashTableIter it;
  void *name, *value;
  g_hash_table_iter_init(&it, now);
  while (before && g_hash_table_iter_next(&it, &name, &value))
    if (g_hash_table_contains(before, name)) cache_key_put_kept(mine, name, value);
  char *why = before ? cache_key_difference(mine, before) : g_strdup("first run");
  g_free(st->why);
  st->why = why ? why : g_strdup(otherwise);
  st->reused = false;
  cache_key_free(mine);
  g_hash_table_unref(now);
  if (before) g_hash_table_unref(before);
}

void cache_describe(run *r, int stage, const cache_key *parts, entry *en) {
  const run_stage *st = &r->stages[stage];
  const char *id = st->fs->gs->id;
  entry_put_count(en, id, "rows_in", (int64_t)st->rows_in);
  entry_put_count(en, id, "rows_out", (int64_t)st->rows_out);
  entry_put_count(en, id, "failed", (int64_t)st->failed);
  entry_put_count(en, id, "bad", (int64_t)st->bad);
  entry_put_count(en, id, "dropped", (int64_t)st->dropped);
  cache_key *asked = asked_parts(r, g_atomic_int_get(&st->asked));
  for (size_t i = 0; i < cache_key_count(asked); i++)
    entry_put_need(en, cache_key_name(asked, i), cache_key_value(asked, i));
  cache_key *mine = parts ? cache_key_copy(parts) : row_parts(r, stage);
  cache_key_append(mine, asked);
  entry_put_parts(en, id, mine);
  cache_key_free(mine);
  cache_key_free(asked);
}

void cache_restore(run *r, int stage, const stored *kept) {
  run_stage *st = &r->stages[stage];
  const char *id = st->fs->gs->id;
  st->rows_in = (uint64_t)stored_count(kept, id, "rows_in");
  st->rows_out = (uint64_t)stored_count(kept, id, "rows_out");
  st->failed = (uint64_t)stored_count(kept, id, "failed");
  st->bad = (uint64_t)stored_count(kept, id, "bad");
  st->dropped = (uint64_t)stored_count(kept, id, "dropped");
  st->reused = true;
}
