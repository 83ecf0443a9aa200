/* plan.c - questions noted and told; see plan.h. */
#include "plan.h"

#include <math.h>
#include <string.h>

#include "json.h"
#include "util.h"

/* How far the reckoning of tokens may be off, in per cent (estimate_tokens). */
enum { DOUBT = 10 };

typedef struct plan_role {
  char *name, *model;
  const price *price;
  estimate_limits limits;
  int64_t cache_min;
} plan_role;

/* What one stage asks of one role. */
typedef struct plan_asks {
  char *stage;
  const plan_role *role;
  int64_t calls, in, shared, out, out_most;
  int32_t parts;               /* of one question, the most */
  GHashTable *texts;           /* hash -> : shared texts that were seen */
  int64_t distinct, cacheable; /* their tokens, each once; of the long ones */
  int64_t rows, all;           /* plan_scale */
} plan_asks;

struct plan {
  GMutex lock;
  GPtrArray *roles, *asks; /* plan_role*, plan_asks* in the order of the first question */
};

static void role_free(void *p) {
  plan_role *r = p;
  g_free(r->name);
  g_free(r->model);
  g_free(r);
}

static void asks_free(void *p) {
  plan_asks *a = p;
  g_free(a->stage);
  g_hash_table_unref(a->texts);
  g_free(a);
}

plan *plan_new(void) {
  plan *p = g_new0(plan, 1);
  g_mutex_init(&p->lock);
  p->roles = g_ptr_array_new_with_free_func(role_free);
  p->asks = g_ptr_array_new_with_free_func(asks_free);
  return p;
}

void plan_free(plan *p) {
  if (!p) return;
  g_ptr_array_unref(p->asks);
  g_ptr_array_unref(p->roles);
  g_mutex_clear(&p->lock);
  g_free(p);
}

void plan_add_role(plan *p, const char *role, const char *model, const price *pr,
                   const estimate_limits *limits, int64_t cache_min) {
  plan_role *r = g_new0(plan_role, 1);
  *r = (plan_role){.price = pr, .limits = *limits, .cache_min = cache_min};
  r->name = g_strdup(role);
  r->model = g_strdup(model);
  g_ptr_array_add(p->roles, r);
}

/* ---- noting ---- */

static const plan_role *role_of(const plan *p, const char *name) {
  for (guint i = 0; i < p->roles->len; i++) {
    const plan_role *r = p->roles->pdata[i];
    if (strcmp(r->name, name) == 0) return r;
  }
  return NULL;
}

static plan_asks *asks_of(plan *p, const char *stage, const plan_role *role) {
  for (guint i = 0; i < p->asks->len; i++) {
    plan_asks *a = p->asks->pdata[i];
    if (a->role == role && strcmp(a->stage, stage) == 0) return a;
  }
  plan_asks *a = g_new0(plan_asks, 1);
  *a = (plan_asks){.stage = g_strdup(stage), .role = role, .parts = 1, .rows = 1, .all = 1};
  a->texts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  g_ptr_array_add(p->asks, a);
  return a;
}

static void note_shared(plan_asks *a, const plan_question *q) {
  int64_t *hash = g_new(int64_t, 1);
  *hash = (int64_t)q->shared_hash;
  a->shared += q->shared;
  if (!g_hash_table_add(a->texts, hash)) return;
  a->distinct += q->shared;
  if (a->role->cache_min > 0 && q->shared >= a->role->cache_min) a->cacheable += q->shared;
}

void plan_note(plan *p, const plan_question *q) {
  g_mutex_lock(&p->lock);
  const plan_role *role = role_of(p, q->role);
  plan_asks *a = role ? asks_of(p, q->stage, role) : NULL;
  if (a) {
    a->calls++;
    a->in += q->in;
    a->out += q->out;
    a->out_most += q->out_most;
    a->parts = MAX(a->parts, q->parts);
    if (q->shared > 0) note_shared(a, q);
  }
  g_mutex_unlock(&p->lock);
}

void plan_scale(plan *p, const char *stage, int64_t rows, int64_t all) {
  for (guint i = 0; rows > 0 && i < p->asks->len; i++) {
    plan_asks *a = p->asks->pdata[i];
    if (strcmp(a->stage, stage) != 0) continue;
    a->rows = rows;
    a->all = all;
  }
}

/* ---- reckoning ---- */

static int64_t scaled(const plan_asks *a, int64_t n) {
  return llround((double)n * (double)a->all / (double)a->rows);
}

static estimate_range doubted(const plan_asks *a, int64_t low, int64_t high) {
  return (estimate_range){scaled(a, low * (100 - DOUBT) / 100),
                          scaled(a, high * (100 + DOUBT) / 100)};
}

/* Are several questions asked about one text, or several things in one question? */
static bool is_fused(const plan_asks *a) {
  return a->parts > 1 || a->distinct == 0 || a->calls <= (int64_t)g_hash_table_size(a->texts);
}

static estimate_load load_of(const plan_asks *a) {
  bool fused = is_fused(a);
  int64_t texts = fused ? a->calls : (int64_t)g_hash_table_size(a->texts);
  int64_t text = a->distinct > 0 ? a->distinct : a->in;
  int64_t asked = a->distinct > 0 ? a->in - a->shared : 0;
  estimate_load l = {.calls = scaled(a, texts), .price = a->role->price};
  l.parts = fused ? a->parts : (int32_t)((a->calls + texts / 2) / texts);
  l.text = doubted(a, text, text);
  l.cacheable = doubted(a, a->cacheable, a->cacheable);
  l.question = doubted(a, asked, asked);
  l.answer = doubted(a, a->out, MIN(a->out * 2, a->out_most));
  return l;
}

static estimate estimate_of(const plan_asks *a, uint32_t extra) {
  estimate_load l = load_of(a);
  uint32_t way = is_fused(a) ? ESTIMATE_FUSED : a->cacheable ? ESTIMATE_CACHED : 0;
  return estimate_way(&l, &a->role->limits, way | extra);
}

estimate plan_total(const plan *p) {
  estimate total = {0};
  for (guint i = 0; i < p->asks->len; i++) {
    estimate e = estimate_of(p->asks->pdata[i], 0);
    estimate_add(&total, &e);
  }
  return total;
}

/* ---- other ways ---- */

typedef struct plan_way {
  uint32_t way;
  const char *name; /* for JSON */
  const char *text;
} plan_way;

static const plan_way ways[] = {
    {0, "separate", "one call for each thing asked"},
    {ESTIMATE_CACHED, "cached", "one call each, the text read from the provider's cache"},
    {ESTIMATE_FUSED, "fused", "all in one call"},
    {ESTIMATE_FUSED | ESTIMATE_BATCH, "batch", "all in one call, as a batch (within a day)"},
};

/* Asked about one thing alone, the others are all the same. */
static bool is_worth_telling(const estimate_load *l, const plan_way *w) {
  if (w->way & ESTIMATE_BATCH)
    return !l->price || (!l->price->free && l->price->bands[0].batch < 1000);
  return l->parts > 1 && (w->way != ESTIMATE_CACHED || l->cacheable.high > 0);
}

/* ---- telling ---- */

static char *short_count(int64_t n) {
  if (n < 10000) return format_count(n);
  double value = (double)n, unit = n < 1000000 ? 1e3 : n < 1000000000 ? 1e6 : 1e9;
  return g_strdup_printf("%.1f%c", value / unit, unit < 1e6 ? 'k' : unit < 1e9 ? 'M' : 'G');
}

/* "low-high", or one of them where they read the same. Takes both. */
static char *range_of(char *low, char *high) {
  char *both = strcmp(low, high) == 0 ? g_strdup(low) : g_strdup_printf("%s-%s", low, high);
  g_free(low);
  g_free(high);
  return both;
}

static char *tokens_of(estimate_range r) {
  return range_of(short_count(r.low), short_count(r.high));
}

static char *money_of(estimate_range r) {
  return range_of(money_format(r.low), money_format(r.high));
}

static char *duration(double seconds) {
  if (seconds < 90) return g_strdup_printf("%.0f s", ceil(seconds));
  if (seconds < 5400) return g_strdup_printf("%.0f min", seconds / 60);
  return g_strdup_printf("%.1f h", seconds / 3600);
}

static void put_line(GString *out, const char *stage, const char *role, const estimate *e) {
  g_autofree char *calls = format_count(e->calls), *in = tokens_of(e->in),
                  *made = tokens_of(e->out);
  g_autofree char *money = money_of(e->cost);
  g_autofree char *time = range_of(duration(e->seconds_low), duration(e->seconds_high));
  g_string_append_printf(out, "%-14s %-28s %11s %15s %13s %17s %s\n", stage, role, calls, in, made,
                         money, time);
}

static void put_ways(GString *out, const plan_asks *a) {
  estimate_load l = load_of(a);
  for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
    if (!is_worth_telling(&l, &ways[i])) continue;
    estimate e = estimate_way(&l, &a->role->limits, ways[i].way);
    g_autofree char *money = money_of(e.cost), *calls = format_count(e.calls);
    const char *text = l.parts > 1 ? ways[i].text : "as a batch (within a day)";
    g_string_append_printf(out, "  %-14s %-56s %11s calls  %s\n", a->stage, text, calls, money);
  }
}

char *plan_text(const plan *p) {
  if (p->asks->len == 0) return g_strdup("no model is asked: the run costs nothing\n");
  GString *out = g_string_new(NULL);
  g_string_append_printf(out, "%-14s %-28s %11s %15s %13s %17s %s\n", "stage", "model", "calls",
                         "tokens in", "tokens out", "cost", "time");
  for (guint i = 0; i < p->asks->len; i++) {
    const plan_asks *a = p->asks->pdata[i];
    g_autofree char *role = g_strdup_printf("%s (%s)", a->role->name, a->role->model);
    estimate e = estimate_of(a, 0);
    put_line(out, a->stage, role, &e);
  }
  estimate total = plan_total(p);
  put_line(out, "all", "", &total);
  g_string_append(out, "\nother ways to ask:\n");
  for (guint i = 0; i < p->asks->len; i++) put_ways(out, p->asks->pdata[i]);
  if (total.cost.high == MONEY_UNKNOWN)
    g_string_append(out, "\na price is not known: give it in a file under budget.prices\n");
  return g_string_free(out, FALSE);
}

static void put_range(json *j, const char *key, estimate_range r) {
  json_key(j, key), json_object(j);
  json_put_int(j, "low", r.low);
  json_put_int(j, "high", r.high);
  json_end(j);
}

static void put_estimate(json *j, const estimate *e) {
  json_put_int(j, "calls", e->calls);
  put_range(j, "tokens_in", e->in);
  put_range(j, "tokens_out", e->out);
  json_key(j, "usd");
  if (e->cost.high == MONEY_UNKNOWN) {
    json_null(j);
  } else {
    json_object(j);
    json_put_double(j, "low", money_dollars(e->cost.low));
    json_put_double(j, "high", money_dollars(e->cost.high));
    json_end(j);
  }
  json_key(j, "seconds"), json_object(j);
  json_put_double(j, "low", e->seconds_low);
  json_put_double(j, "high", e->seconds_high);
  json_end(j);
}

static void put_asks(json *j, const plan_asks *a) {
  estimate_load l = load_of(a);
  estimate e = estimate_of(a, 0);
  json_object(j);
  json_put_string(j, "stage", a->stage);
  json_put_string(j, "role", a->role->name);
  json_put_string(j, "model", a->role->model);
  put_estimate(j, &e);
  json_key(j, "ways"), json_object(j);
  for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
    if (!is_worth_telling(&l, &ways[i])) continue;
    estimate other = estimate_way(&l, &a->role->limits, ways[i].way);
    json_key(j, ways[i].name), json_object(j);
    put_estimate(j, &other);
    json_end(j);
  }
  json_end(j);
  json_end(j);
}

void plan_put(json *j, const plan *p) {
  estimate total = plan_total(p);
  json_object(j);
  put_estimate(j, &total);
  json_key(j, "stages"), json_array(j);
  for (guint i = 0; i < p->asks->len; i++) put_asks(j, p->asks->pdata[i]);
  json_end(j);
  json_end(j);
}
