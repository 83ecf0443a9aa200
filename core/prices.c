/* prices.c - the file of prices read and looked up; see prices.h. */
#include "prices.h"

#include <string.h>

#include "doc.h"
#include "json.h"
#include "sha256.h"
#include "util.h"

const price price_nothing = {.id = (char *)"free", .free = true};

/* One row of the file for one of its names. Rows of the same names and day are the
 * bands of one price. */
typedef struct row {
  char *provider, *host, *model, *from;
  size_t literal[3]; /* characters that are not wild: model, host, provider */
  diag_pos at;
  price price;
} row;

struct prices {
  char sha256[SHA256_HEX];
  GPtrArray *rows; /* row*, in the order of the file */
};

static void row_free(void *data) {
  row *r = data;
  g_free(r->provider);
  g_free(r->host);
  g_free(r->model);
  g_free(r->from);
  g_free(r->price.id);
  g_free(r->price.bands);
  g_free(r);
}

/* ---- names ---- */

/* The number that `count` digits stand for; -1 where one is none. */
static int digits(const char *text, int count) {
  int value = 0;
  for (int i = 0; i < count; i++) {
    if (!g_ascii_isdigit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/* A date as people write them, and such that comparing texts compares days. */
static bool is_day(const char *text) {
  if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return false;
  int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
  return year >= 1 && month >= 1 && day >= 1 &&
         g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

static size_t literal_length(const char *pattern) {
  size_t n = 0;
  for (; *pattern; pattern++) n += *pattern != '*';
  return n;
}

/* '*' is any text; no backtracking but to the last one. */
static bool matches(const char *pattern, const char *text) {
  const char *star = NULL, *again = NULL;
  while (*text) {
    if (*pattern == '*') {
      star = ++pattern;
      again = text;
    } else if (*pattern == *text) {
      pattern++;
      text++;
    } else if (star) {
      pattern = star;
      text = ++again;
    } else {
      return false;
    }
  }
  while (*pattern == '*') pattern++;
  return *pattern == '\0';
}

/* ---- values ---- */

static bool is_text(const doc_node *node) {
  return node->kind == DOC_SCALAR && !node->null && !node->bad && node->text[0];
}

static void read_word(const doc_node *map, const char *key, char **ret, diag *d) {
  const doc_node *node = doc_get(map, key, NULL);
  if (node && is_text(node))
    *ret = g_strdup(node->text);
  else if (node)
    doc_complain(node, d, false, key, "a word, with '*' for any text", NULL);
}

static void read_day(const doc_node *map, char **ret, diag *d) {
  const doc_node *node = doc_get(map, "from", NULL);
  if (node && is_text(node) && is_day(node->text))
    *ret = g_strdup(node->text);
  else if (node)
    doc_complain(node, d, false, "from", "the first day of the price, such as 2026-11-24", NULL);
}

/* Dollars per million tokens. True: it is there and good. */
static bool read_rate(const doc_node *map, const char *key, int64_t *ret, diag *d) {
  const doc_node *node = doc_get(map, key, NULL);
  if (!node) return false;
  if (is_text(node) && node->plain && money_parse(node->text, ret)) return true;
  doc_complain(node, d, false, key,
               "dollars per million tokens with at most six digits behind the point, such as 0.25",
               NULL);
  return false;
}

static void read_batch(const doc_node *map, int64_t *ret, diag *d) {
  const doc_node *node = doc_get(map, "batch", NULL);
  const char *why = NULL;
  double value = 1;
  if (node && (!doc_double(node, &value, &why) || value < 0 || value > 1))
    doc_complain(node, d, false, "batch", "the share of the price that a batch costs, 0 to 1", why);
  else if (node)
    *ret = (int64_t)(value * 1000 + 0.5);
}

static void read_up_to(const doc_node *map, int64_t *ret, diag *d) {
  const doc_node *node = doc_get(map, "up_to", NULL);
  const char *why = NULL;
  int64_t value = 0;
  if (node && doc_int(node, &value, &why) && value >= 1 && value < INT64_MAX)
    *ret = value;
  else if (node)
    doc_complain(node, d, false, "up_to", "a number of tokens, 1 or more", why);
}

/* What a band costs. Reading from a cache and writing to it cost as much as the
 * question where the row does not say. */
static void read_rates(const doc_node *map, price_band *b, diag *d) {
  bool input = read_rate(map, "input", &b->input, d);
  if (!input && !doc_get(map, "input", NULL))
    diag_error(d, map->at, "a price has no input; write dollars per million tokens, or free: true");
  b->cache_read = b->cache_write_5m = b->cache_write_1h = b->input;
  read_rate(map, "output", &b->output, d);
  read_rate(map, "cache_read", &b->cache_read, d);
  read_rate(map, "cache_write_5m", &b->cache_write_5m, d);
  read_rate(map, "cache_write_1h", &b->cache_write_1h, d);
  read_batch(map, &b->batch, d);
  read_up_to(map, &b->up_to, d);
}

static void read_free(const doc_node *map, bool *ret, diag *d) {
  static const char *const priced[] = {"input",          "output", "cache_read", "cache_write_5m",
                                       "cache_write_1h", "batch",  "up_to"};
  const doc_node *node = doc_get(map, "free", NULL);
  const char *why = NULL;
  if (!node) return;
  if (!doc_bool(node, ret, &why)) doc_complain(node, d, false, "free", "true or false", why);
  for (size_t i = 0; *ret && i < G_N_ELEMENTS(priced); i++) {
    const doc_node *key = NULL;
    if (doc_get(map, priced[i], &key))
      diag_error(d, key->at, "what is free has no '%s'; remove one of the two", priced[i]);
  }
}

/* ---- rows ---- */

/* The length of a model's name without the date behind it. */
static size_t undated_length(const char *model) {
  size_t n = strlen(model);
  if (n > 9 && model[n - 9] == '-' && digits(model + n - 8, 8) >= 0) return n - 9;
  if (n > 11 && model[n - 11] == '-' && is_day(model + n - 10)) return n - 11;
  return n;
}

static bool same_names(const row *a, const row *b) {
  return !strcmp(a->model, b->model) && !strcmp(a->host, b->host) &&
         !strcmp(a->provider, b->provider) && !strcmp(a->from, b->from);
}

static void insert_band(row *to, const price_band *b) {
  price *p = &to->price;
  p->bands = g_renew(price_band, p->bands, p->count + 1);
  uint32_t i = p->count++;
  for (; i > 0 && p->bands[i - 1].up_to > b->up_to; i--) p->bands[i] = p->bands[i - 1];
  p->bands[i] = *b;
}

static bool has_band(const price *p, int64_t up_to) {
  for (uint32_t i = 0; i < p->count; i++)
    if (p->bands[i].up_to == up_to) return true;
  return false;
}

/* A row of a name: a new price, or a band more of one that is there. */
static void add_row(prices *p, row *r, const price_band *band, diag *d) {
  for (guint i = 0; i < p->rows->len; i++) {
    row *there = p->rows->pdata[i];
    if (!same_names(there, r)) continue;
    if (there->price.free || r->price.free || has_band(&there->price, band->up_to))
      diag_error(d, r->at, "'%s' has two prices from %s on, of %s; remove one", r->model, r->from,
                 there->price.free || r->price.free ? "which one is free"
                                                    : "the same length of question");
    else
      insert_band(there, band);
    row_free(r);
    return;
  }
  insert_band(r, band);
  g_ptr_array_add(p->rows, r);
}

static row *row_new(const row *common, const doc_node *model) {
  row *r = g_new0(row, 1);
  r->provider = g_strdup(common->provider ? common->provider : "*");
  r->host = g_strdup(common->host ? common->host : "*");
  r->from = g_strdup(common->from ? common->from : "0001-01-01");
  r->model = g_strdup(model->text);
  r->at = model->at;
  r->price.free = common->price.free;
  r->price.id = common->host
                    ? g_strdup_printf("%s@%s/%s@%s", r->provider, r->host, r->model, r->from)
                    : g_strdup_printf("%s/%s@%s", r->provider, r->model, r->from);
  r->literal[0] = literal_length(r->model);
  r->literal[1] = literal_length(r->host);
  r->literal[2] = literal_length(r->provider);
  return r;
}

static void read_models(prices *p, const doc_node *map, const row *common, const price_band *band,
                        diag *d) {
  const doc_node *list = doc_get(map, "models", NULL);
  if (!list) diag_error(d, map->at, "a price has no models; write models: [NAME]");
  if (list && (list->kind != DOC_LIST || list->items->len == 0))
    doc_complain(list, d, false, "models", "a list of names, with '*' for any text", NULL);
  for (guint i = 0; list && list->kind == DOC_LIST && i < list->items->len; i++) {
    const doc_node *model = list->items->pdata[i];
    if (is_text(model))
      add_row(p, row_new(common, model), band, d);
    else
      doc_complain(model, d, false, "models: an item", "a name", NULL);
  }
}

static void check_keys(const doc_node *map, const char *const *keys, const char *who, diag *d) {
  for (guint i = 0; i < doc_entries(map); i++) {
    const doc_node *key = doc_key(map, i);
    if (g_strv_contains(keys, key->text)) continue;
    const char *near = diag_suggest(key->text, keys, g_strv_length((char **)keys));
    g_autofree char *list = g_strjoinv(", ", (char **)keys);
    if (near)
      diag_error(d, key->at, "%s: unknown key '%s'; did you mean '%s'?", who, key->text, near);
    else
      diag_error(d, key->at, "%s: unknown key '%s'; known here: %s", who, key->text, list);
  }
}

static void read_row(prices *p, const doc_node *map, diag *d) {
  static const char *const keys[] = {
      "provider",   "host",  "models", "from",           "up_to",          "input", "output",
      "cache_read", "batch", "free",   "cache_write_5m", "cache_write_1h", NULL};
  if (map->kind != DOC_MAP) {
    doc_complain(map, d, false, "prices: an item", "a map such as { models: [NAME], input: 1.00 }",
                 NULL);
    return;
  }
  check_keys(map, keys, "a price", d);
  row common = {0};
  price_band band = {.up_to = INT64_MAX, .batch = 1000};
  read_word(map, "provider", &common.provider, d);
  read_word(map, "host", &common.host, d);
  read_day(map, &common.from, d);
  read_free(map, &common.price.free, d);
  if (!common.price.free) read_rates(map, &band, d);
  read_models(p, map, &common, &band, d);
  g_free(common.provider);
  g_free(common.host);
  g_free(common.from);
}

/* ---- the file ---- */

/* Whatever the length of a question, it must have a price. */
static void check_bands(const prices *p, diag *d) {
  for (guint i = 0; i < p->rows->len; i++) {
    const row *r = p->rows->pdata[i];
    if (r->price.bands[r->price.count - 1].up_to != INT64_MAX)
      diag_error(d, r->at,
                 "'%s' has no price for questions of more than %" G_GINT64_FORMAT
                 " tokens; add a row of the same day without up_to",
                 r->model, (gint64)r->price.bands[r->price.count - 1].up_to);
  }
}

static void read_root(prices *p, const doc_node *root, diag *d) {
  static const char *const keys[] = {"clio", "prices", NULL};
  if (root->kind != DOC_MAP) {
    doc_complain(root, d, false, "a file of prices", "a map of 'clio: 1' and 'prices:'", NULL);
    return;
  }
  check_keys(root, keys, "a file of prices", d);
  const doc_node *version = doc_get(root, "clio", NULL), *list = doc_get(root, "prices", NULL);
  const char *why = NULL;
  int64_t number = 0;
  if (!version)
    diag_error(d, (diag_pos){0}, "the form's number is missing; begin the file with 'clio: 1'");
  else if (!doc_int(version, &number, &why) || number != 1)
    doc_complain(version, d, false, "clio", "the form's number, 1", why);
  if (!list)
    diag_error(d, (diag_pos){0}, "the file has no prices; add 'prices:' with a list");
  else if (list->kind != DOC_LIST)
    doc_complain(list, d, false, "prices", "a list", NULL);
  else
    for (guint i = 0; i < list->items->len; i++) read_row(p, list->items->pdata[i], d);
  check_bands(p, d);
}

prices *prices_parse(const char *text, size_t length, diag *d) {
  prices *p = g_new0(prices, 1);
  p->rows = g_ptr_array_new_with_free_func(row_free);
  sha256_sum sum;
  sha256_begin(&sum);
  sha256_add(&sum, text, length);
  sha256_end_hex(&sum, p->sha256);
  doc_node *root = doc_parse(text, length, d);
  if (root) read_root(p, root, d);
  doc_node_free(root);
  if (diag_errors(d) == 0) return p;
  prices_free(p);
  return NULL;
}

clio_status prices_read(const char *path, prices **ret, diag **ret_diag, error *e) {
  g_autofree char *shipped = path ? NULL : g_build_filename(data_dir(), "prices.yaml", NULL);
  const char *file = path ? path : shipped;
  g_autofree char *text = NULL;
  g_autoptr(GError) failed = NULL;
  gsize length = 0;
  *ret = NULL;
  *ret_diag = NULL;
  if (!g_file_get_contents(file, &text, &length, &failed))
    return error_set(e, CLIO_E_IO, "cannot read the prices: %s", failed->message);
  *ret_diag = diag_new(file, text, length);
  if (length > DOC_BYTES_MAX)
    diag_error(*ret_diag, (diag_pos){0}, "the file is larger than a file of prices may be (%d MiB)",
               DOC_BYTES_MAX >> 20);
  else
    *ret = prices_parse(text, length, *ret_diag);
  return *ret ? CLIO_OK : CLIO_E_CONFIG;
}

void prices_free(prices *p) {
  if (!p) return;
  g_ptr_array_unref(p->rows);
  g_free(p);
}

const char *prices_hash(const prices *p) { return p->sha256; }

/* ---- looking up ---- */

static bool is_better(const row *a, const row *b) {
  for (size_t i = 0; i < G_N_ELEMENTS(a->literal); i++)
    if (a->literal[i] != b->literal[i]) return a->literal[i] > b->literal[i];
  return strcmp(a->from, b->from) > 0;
}

const price *prices_find(const prices *p, const char *provider, const char *host, const char *model,
                         const char *day) {
  char today[11];
  if (!day) {
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_snprintf(today, sizeof today, "%04d-%02d-%02d", g_date_time_get_year(now),
               g_date_time_get_month(now), g_date_time_get_day_of_month(now));
    day = today;
  }
  const row *best = NULL;
  g_autofree char *undated = g_strndup(model, undated_length(model));
  for (guint i = 0; i < p->rows->len; i++) {
    const row *r = p->rows->pdata[i];
    bool fits = matches(r->provider, provider) && matches(r->host, host ? host : "") &&
                (matches(r->model, model) || matches(r->model, undated)) &&
                strcmp(r->from, day) <= 0;
    if (fits && (!best || is_better(r, best))) best = r;
  }
  return best ? &best->price : NULL;
}

/* ---- reckoning ---- */

static const price_band *band_of(const price *pr, int64_t tokens) {
  uint32_t i = 0;
  while (i + 1 < pr->count && tokens > pr->bands[i].up_to) i++;
  return &pr->bands[i];
}

static int64_t in_batch(money_exact millionths, const price_band *b, bool batch) {
  const money_exact whole = 1000, share = (money_exact)b->batch;
  return money_round(batch ? (millionths * share + whole - 1) / whole : millionths);
}

int64_t price_cost_of_many(const price *pr, int64_t prompt, const price_usage *u) {
  if (!pr) return MONEY_UNKNOWN;
  if (pr->free) return 0;
  int64_t special = u->cache_read + u->cache_write_5m + u->cache_write_1h;
  const price_band *b = band_of(pr, prompt);
  money_exact sum =
      money_product(u->input - special, b->input) + money_product(u->cache_read, b->cache_read) +
      money_product(u->cache_write_5m, b->cache_write_5m) +
      money_product(u->cache_write_1h, b->cache_write_1h) + money_product(u->output, b->output);
  return in_batch(sum, b, u->batch);
}

int64_t price_cost(const price *pr, const price_usage *u) {
  int64_t special = u->cache_read + u->cache_write_5m + u->cache_write_1h;
  int64_t input = MAX(u->input, special);
  bool counted = input > 0 || u->output > 0;
  return pr && !pr->free && !counted ? MONEY_UNKNOWN : price_cost_of_many(pr, input, u);
}

static int64_t highest_rate(const price_band *b, uint32_t flags) {
  int64_t rate = MAX(MAX(b->input, b->cache_read), b->cache_write_5m);
  return flags & PRICE_CACHES_1H ? MAX(rate, b->cache_write_1h) : rate;
}

int64_t price_upper(const price *pr, int64_t in_tokens, int64_t out_tokens, uint32_t flags) {
  if (!pr) return MONEY_UNKNOWN;
  if (pr->free) return 0;
  int64_t most = 0;
  const price_band *last = band_of(pr, in_tokens);
  for (const price_band *b = pr->bands; b <= last; b++) {
    money_exact sum = money_product(MIN(in_tokens, b->up_to), highest_rate(b, flags)) +
                      money_product(out_tokens, b->output);
    most = MAX(most, in_batch(sum, b, flags & PRICE_BATCH));
  }
  return most;
}

static void put_rate(json *j, const char *key, int64_t rate) {
  json_put_double(j, key, money_dollars(rate));
}

char *price_json(const price *pr) {
  json *j = json_new(false);
  json_object(j);
  json_put_string(j, "id", pr->id);
  json_put_bool(j, "free", pr->free);
  json_key(j, "bands"), json_array(j);
  for (uint32_t i = 0; i < pr->count && !pr->free; i++) {
    const price_band *b = &pr->bands[i];
    json_object(j);
    if (b->up_to != INT64_MAX) json_put_int(j, "up_to", b->up_to);
    put_rate(j, "input", b->input);
    put_rate(j, "output", b->output);
    put_rate(j, "cache_read", b->cache_read);
    put_rate(j, "cache_write_5m", b->cache_write_5m);
    put_rate(j, "cache_write_1h", b->cache_write_1h);
    json_put_double(j, "batch", (double)b->batch / 1000);
    json_end(j);
  }
  json_end(j);
  json_end(j);
  return json_take(j);
}
