/* roll.c - the roll and the door; see roll.h. */
#include "roll.h"

#include <string.h>

#include "text.h"
#include "util.h"

enum { INDEX_BITS = 20 };

struct roll {
  GArray *entries;
  memory *memory;
  int64_t charged;
  GArray *ids; /* uint64_t: a hash of each row's id */
  size_t without_account;
  bool has_orgs;
};

roll *roll_new(memory *m) {
  roll *r = g_new0(roll, 1);
  r->memory = m;
  r->entries = g_array_new(FALSE, FALSE, sizeof(roll_entry));
  r->ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  return r;
}

void roll_free(roll *r) {
  if (!r) return;
  memory_charge(r->memory, -r->charged);
  g_array_free(r->entries, TRUE);
  g_array_free(r->ids, TRUE);
  g_free(r);
}

bool roll_append(roll *r, const roll_entry *entries, size_t count) {
  int64_t more = (int64_t)(count * sizeof *entries);
  if (!memory_charge(r->memory, more)) return false;
  r->charged += more;
  for (size_t i = 0; i < count; i++) {
    if (entries[i].account < 0) r->without_account++;
    if (entries[i].org >= 0) r->has_orgs = true;
  }
  if (count) g_array_append_vals(r->entries, entries, (guint)count);
  return true;
}

size_t roll_count(const roll *r) { return r->entries->len; }

const roll_entry *roll_at(const roll *r, size_t i) {
  return &g_array_index(r->entries, roll_entry, i);
}

char *roll_content(const roll *r) {
  return sha256_hex(r->entries->data, r->entries->len * sizeof(roll_entry));
}

const roll_entry *roll_find(const roll *r, uint64_t key) {
  size_t low = 0, high = r->entries->len;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const roll_entry *entry = roll_at(r, middle);
    if (entry->key == key) return entry;
    if (entry->key < key)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

uint64_t roll_account(const roll_entry *entry, bool assumed) {
  static const uint64_t own_domain = (uint64_t)1 << 63;
  if (entry->account >= 0) return (uint64_t)entry->account;
  return assumed ? entry->cap_key | own_domain : UINT64_MAX;
}

uint64_t roll_org(const roll_entry *entry, bool assumed) {
  return entry->org >= 0 ? (uint64_t)entry->org : ~roll_account(entry, assumed);
}

size_t roll_without_account(const roll *r) { return r->without_account; }
bool roll_has_orgs(const roll *r) { return r->has_orgs; }

size_t roll_accounts(const roll *r) {
  GHashTable *seen = g_hash_table_new(g_int64_hash, g_int64_equal);
  for (guint i = 0; i < r->entries->len; i++) {
    roll_entry *entry = &g_array_index(r->entries, roll_entry, i);
    if (entry->account >= 0) g_hash_table_add(seen, &entry->account);
  }
  size_t n = g_hash_table_size(seen);
  g_hash_table_unref(seen);
  return n;
}

void roll_note_ids(roll *r, const roll_entry *entries, size_t count) {
  for (size_t i = 0; i < count; i++) g_array_append_val(r->ids, entries[i].cap_key);
}

size_t roll_ids(const roll *r) { return r->ids->len; }

static gint by_number(gconstpointer a, gconstpointer b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

size_t roll_repeated_ids(roll *r) {
  size_t n = 0;
  g_array_sort(r->ids, by_number);
  for (guint i = 1; i < r->ids->len; i++)
    n += g_array_index(r->ids, uint64_t, i) == g_array_index(r->ids, uint64_t, i - 1);
  return n;
}

/* ---- the door ---- */

typedef struct door {
  const clio_table *t;
  column *account, *org, *time, *id, *role, *content;
  rng_key account_key, org_key, cap_key;
  column *out_account, *out_org, *out_time, *out_outputs, *out_simhash;
} door;

static void set_valid(column *c, uint64_t row) { c->valid[row >> 3] |= (uint8_t)(1u << (row & 7)); }

/* A 63-bit pseudonym, or -1; an empty id is no id. */
static int64_t pseudonym(const column *c, uint64_t row, rng_key key) {
  int64_t len;
  const char *text = c ? column_text(c, row, &len) : NULL;
  if (!text || !len) return -1;
  return (int64_t)(rng_siphash(key, text, (size_t)len) >> 1);
}

static int64_t count_outputs(const column *role, uint64_t row) {
  static const char assistant[] = "assistant";
  int64_t n = 0;
  for (int64_t i = role->offsets[row]; i < role->offsets[row + 1]; i++) {
    int64_t len = role->items[i + 1] - role->items[i];
    const char *text = (const char *)role->data + role->items[i];
    n += len == sizeof assistant - 1 && !memcmp(text, assistant, (size_t)len);
  }
  return n;
}

/* All messages of a conversation lie one behind the other in the column. */
static const char *whole_text(const column *content, uint64_t row, int64_t *ret_len) {
  int64_t from = content->items[content->offsets[row]];
  int64_t to = content->items[content->offsets[row + 1]];
  *ret_len = to - from;
  return (const char *)content->data + from;
}

static uint64_t cap_key_of(const door *d, uint64_t row) {
  int64_t len = 0;
  const char *text = d->id ? column_text(d->id, row, &len) : NULL;
  if ((!text || !len) && d->content) text = whole_text(d->content, row, &len);
  return rng_siphash(d->cap_key, text ? text : "", (size_t)len);
}

static void pass_row(door *d, uint64_t row, roll_entry *entry) {
  entry->account = pseudonym(d->account, row, d->account_key);
  entry->org = pseudonym(d->org, row, d->org_key);
  entry->time = INT64_MIN;
  if (d->time && !column_is_null(d->time, row)) entry->time = ((const int64_t *)d->time->data)[row];
  entry->cap_key = cap_key_of(d, row);
  if (entry->account >= 0) set_valid(d->out_account, row);
  if (entry->org >= 0) set_valid(d->out_org, row);
  if (entry->time != INT64_MIN) set_valid(d->out_time, row);
  ((int64_t *)d->out_account->data)[row] = entry->account < 0 ? 0 : entry->account;
  ((int64_t *)d->out_org->data)[row] = entry->org < 0 ? 0 : entry->org;
  ((int64_t *)d->out_time->data)[row] = entry->time == INT64_MIN ? 0 : entry->time;
  ((int64_t *)d->out_outputs->data)[row] = d->role ? count_outputs(d->role, row) : 0;
  if (!d->content) return;
  int64_t len;
  const char *text = whole_text(d->content, row, &len);
  ((int64_t *)d->out_simhash->data)[row] = (int64_t)text_simhash(text, len);
}

static bool make_columns(door *d, memory *m) {
  uint64_t n = d->t->rows;
  d->out_account = column_new("account", CLIO_T_I64, 0, n, 0, 0, true, m);
  d->out_org = column_new("org", CLIO_T_I64, 0, n, 0, 0, true, m);
  d->out_time = column_new("time", CLIO_T_TIME, 0, n, 0, 0, true, m);
  d->out_outputs = column_new("outputs", CLIO_T_I64, 0, n, 0, 0, false, m);
  d->out_simhash = column_new("simhash", CLIO_T_I64, 0, n, 0, 0, false, m);
  return d->out_account && d->out_org && d->out_time && d->out_outputs && d->out_simhash;
}

static clio_table *make_table(door *d, uint64_t block, uint64_t index) {
  clio_table *to = table_new(CLIO_ROWS_CONVERSATION, d->t->rows);
  for (guint i = 0; i < d->t->columns->len; i++)
    table_take_column(to, column_ref(d->t->columns->pdata[i]));
  table_take_column(to, d->out_account);
  table_take_column(to, d->out_org);
  table_take_column(to, d->out_time);
  table_take_column(to, d->out_outputs);
  table_take_column(to, d->out_simhash);
  to->keys = keys_new(d->t->rows);
  for (uint64_t i = 0; i < d->t->rows; i++) to->keys->key[i] = block << INDEX_BITS | (index + i);
  return to;
}

static bool parallel_lists(const column *a, const column *b, uint64_t rows) {
  for (uint64_t i = 0; a && b && i <= rows; i++)
    if (a->offsets[i] != b->offsets[i]) return false;
  return true;
}

clio_status door_pass(const clio_table *t, uint64_t block, uint64_t index, rng_key project_key,
                      memory *m, clio_table **ret, roll_entry **ret_entries, error *e) {
  if (index + t->rows > (uint64_t)1 << INDEX_BITS)
    return error_set(e, CLIO_E_INPUT, "more than %d conversations in one block", 1 << INDEX_BITS);
  door d = {.t = t};
  d.account = table_column(t, "account");
  d.org = table_column(t, "org");
  d.time = table_column(t, "time");
  d.id = table_column(t, "id");
  d.role = table_column(t, "role");
  d.content = table_column(t, "content");
  if (!parallel_lists(d.role, d.content, t->rows))
    return error_set(e, CLIO_E_INTERNAL, "role and content have different lengths");
  d.account_key = rng_derive(project_key, "account");
  d.org_key = rng_derive(project_key, "organization");
  d.cap_key = rng_derive(project_key, "account cap");
  if (!make_columns(&d, m)) {
    column_unref(d.out_account);
    column_unref(d.out_org);
    column_unref(d.out_time);
    column_unref(d.out_outputs);
    column_unref(d.out_simhash);
    return error_set(e, CLIO_E_NOMEM, "no memory at the door");
  }
  roll_entry *entries = g_new0(roll_entry, t->rows ? t->rows : 1);
  for (uint64_t row = 0; row < t->rows; row++) {
    pass_row(&d, row, &entries[row]);
    entries[row].key = block << INDEX_BITS | (index + row);
  }
  *ret = make_table(&d, block, index);
  *ret_entries = entries;
  return CLIO_OK;
}
