/* sample_facets.c - random facet columns: skewed, some lists, some free text. */
#include "oracle.h"

/* How likely each value is in each leaf; leaf -1 is the last row. */
typedef struct weights {
  size_t values, leaves;
  double *of;
} weights;

static weights draw_weights(sample *t, dice *d, size_t values) {
  weights w = {.values = values, .leaves = t->in.tree[0].nodes + 1};
  w.of = sample_alloc(t, w.values * w.leaves, sizeof *w.of);
  for (size_t v = 0; v < values; v++) {
    double base = dice_of(d, 4, (const int[]){5, 30, 100, 300});
    for (size_t c = 0; c < w.leaves; c++)
      w.of[c * values + v] = base * dice_of(d, 5, (const int[]){0, 2, 10, 10, 40});
  }
  return w;
}

static const double *weights_at(const sample *t, const weights *w, size_t row) {
  int32_t leaf = t->in.tree[0].leaf[row];
  return w->of + (leaf < 0 ? w->leaves - 1 : (size_t)leaf) * w->values;
}

static int draw_value(dice *d, const double *w, size_t values) {
  double sum = 0;
  for (size_t v = 0; v < values; v++) sum += w[v];
  if (sum <= 0) return 0;
  double at = dice_unit(d) * sum;
  for (size_t v = 0; v < values; v++)
    if ((at -= w[v]) < 0) return (int)v;
  return (int)values - 1;
}

static void fill_single(sample *t, dice *d, gate_facet *f, double unknown) {
  weights w = draw_weights(t, d, f->values);
  int32_t *code = sample_alloc(t, t->in.roll.rows, sizeof *code);
  /* Some facets hang on the account, as a language does. */
  bool by_account = dice_chance(d, .3);
  for (size_t r = 0; r < t->in.roll.rows; r++) {
    dice own = {hash64(t->in.roll.account[r] ^ t->seed)};
    code[r] = draw_value(by_account ? &own : d, weights_at(t, &w, r), f->values);
    if (dice_chance(d, unknown)) code[r] = -1;
  }
  f->code = code;
}

static void fill_list(sample *t, dice *d, gate_facet *f) {
  weights w = draw_weights(t, d, f->values);
  int64_t *offset = sample_alloc(t, t->in.roll.rows + 1, sizeof *offset);
  int32_t *code = sample_alloc(t, t->in.roll.rows * f->values * 2, sizeof *code);
  int64_t at = 0;
  for (size_t r = 0; r < t->in.roll.rows; r++) {
    const double *p = weights_at(t, &w, r);
    for (size_t v = 0; v < f->values; v++) {
      bool has = dice_chance(d, p[v] / 12000);
      if (p[v] > 3000) has = dice_chance(d, .97);
      if (has) code[at++] = (int32_t)v;
      if (has && dice_chance(d, .05)) code[at++] = (int32_t)v; /* named twice: counts once */
    }
    offset[r + 1] = at;
  }
  f->code = code, f->offset = offset;
}

/* Free text: most may stand, some may not. */
static void name_free(sample *t, dice *d, gate_facet *f, const char **value) {
  int32_t *rating = sample_alloc(t, f->values, sizeof *rating);
  const GPtrArray *plain = t->lex->plain;
  int start = dice_int(d, 0, (int)plain->len - 1);
  for (size_t v = 0; v < f->values; v++) {
    const char *a = plain->pdata[((size_t)start + v) % plain->len];
    const char *b = plain->pdata[dice_int(d, 0, (int)plain->len - 1)];
    value[v] = sample_text(t, "%s %s", a, b);
    rating[v] = dice_int(d, (int)t->in.policy.audit_floor, 5);
    if (dice_chance(d, .85)) continue;
    int kind = dice_int(d, 0, 3);
    if (kind == 0) rating[v] = 0;
    if (kind == 1) rating[v] = (int32_t)t->in.policy.audit_floor - 1;
    if (kind == 2) value[v] = sample_text(t, "%s zorgonix%c", a, (char)('a' + v));
    if (kind == 3) value[v] = sample_text(t, "%s 5551%d", a, (int)v);
  }
  f->value_rating = rating;
}

static void name_closed(sample *t, dice *d, gate_facet *f, const char **value) {
  int start = dice_int(d, 0, 25);
  for (size_t v = 0; v < f->values; v++) {
    char letter = (char)('a' + (start + 7 * (int)v) % 26);
    value[v] = f->is_period ? sample_text(t, "2026-%02d-01", 12 - (int)v)
                            : sample_text(t, "%c value", letter);
  }
}

void sample_make_facets(sample *t, dice *d, double unknown) {
  static const char *const name[] = {"alpha", "beta", "gamma"};
  t->in.facets = (size_t)dice_of(d, 4, (const int[]){1, 1, 2, 3});
  gate_facet *facet = sample_alloc(t, t->in.facets, sizeof *facet);
  for (size_t i = 0; i < t->in.facets; i++) {
    gate_facet *f = &facet[i];
    f->name = name[i];
    f->values = dice_chance(d, .04) ? 1 : (size_t)dice_int(d, 2, 5);
    f->sensitive = dice_chance(d, .2);
    bool list = dice_chance(d, .15);
    f->closed = dice_chance(d, .85);
    f->is_period = f->closed && !list && dice_chance(d, .1);
    const char **value = sample_alloc(t, f->values, sizeof *value);
    if (f->closed)
      name_closed(t, d, f, value);
    else
      name_free(t, d, f, value);
    f->value = value;
    if (list)
      fill_list(t, d, f);
    else
      fill_single(t, d, f, unknown);
  }
  t->in.facet = facet;
}
