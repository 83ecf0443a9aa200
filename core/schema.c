/* schema.c - planned columns; see schema.h. */
#include "schema.h"

#include <string.h>

static void clear_column(void *p) {
  schema_column *c = p;
  g_free(c->name);
  g_free(c->help);
  g_free(c->of);
  g_strfreev(c->choices);
  if (c->choice_set) g_hash_table_unref(c->choice_set);
}

static void release_column(void *p) { g_rc_box_release_full(p, clear_column); }

void schema_column_unref(schema_column *c) { release_column(c); }

static void copy_choices(schema_column *to, const char *const *choices) {
  guint n = 0;
  while (choices[n]) n++;
  to->choices = g_new0(char *, n + 1);
  to->choice_set = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < n; i++) {
    to->choices[i] = g_strdup(choices[i]);
    g_hash_table_add(to->choice_set, to->choices[i]);
  }
}

schema_column *schema_column_new(const clio_column *c, int origin) {
  schema_column *s = g_rc_box_new0(schema_column);
  s->c = *c;
  s->name = g_strdup(c->name);
  s->help = g_strdup(c->help ? c->help : "");
  s->of = g_strdup(c->of);
  if (c->choices) copy_choices(s, c->choices);
  s->c.name = s->name;
  s->c.help = s->help;
  s->c.of = s->of;
  s->c.choices = (const char *const *)s->choices;
  s->origin = origin;
  return s;
}

schema *schema_new(void) {
  schema *s = g_new0(schema, 1);
  s->columns = g_ptr_array_new_with_free_func(release_column);
  return s;
}

void schema_free(schema *s) {
  if (!s) return;
  g_ptr_array_free(s->columns, TRUE);
  g_free(s);
}

schema *schema_copy(const schema *s) {
  schema *copy = schema_new();
  for (guint i = 0; i < s->columns->len; i++)
    g_ptr_array_add(copy->columns, g_rc_box_acquire(s->columns->pdata[i]));
  return copy;
}

const schema_column *schema_find(const schema *s, const char *name) {
  for (guint i = 0; s && i < s->columns->len; i++) {
    const schema_column *c = s->columns->pdata[i];
    if (!strcmp(c->name, name)) return c;
  }
  return NULL;
}

void schema_put(schema *s, const schema_column *c) {
  schema_column *mine = g_rc_box_acquire((schema_column *)c);
  for (guint i = 0; i < s->columns->len; i++) {
    schema_column *old = s->columns->pdata[i];
    if (strcmp(old->name, c->name)) continue;
    s->columns->pdata[i] = mine;
    release_column(old);
    return;
  }
  g_ptr_array_add(s->columns, mine);
}

void schema_bundle_clear(schema_bundle *b) {
  for (int k = 0; k < ROW_KINDS; k++) {
    schema_free(b->kind[k]);
    b->kind[k] = NULL;
  }
}

void schema_bundle_copy(schema_bundle *to, const schema_bundle *from) {
  for (int k = 0; k < ROW_KINDS; k++)
    to->kind[k] = from->kind[k] ? schema_copy(from->kind[k]) : NULL;
}

const char **schema_names(const schema *s, size_t *ret_count) {
  guint n = s ? s->columns->len : 0;
  const char **names = g_new0(const char *, n + 1);
  for (guint i = 0; i < n; i++) names[i] = ((const schema_column *)s->columns->pdata[i])->name;
  *ret_count = n;
  return names;
}

const char *privacy_name(clio_privacy p) {
  static const char *const names[] = {"INHERIT", "RAW", "DERIVED", "GROUPED", "RELEASED"};
  return p < sizeof names / sizeof *names ? names[p] : "unknown";
}
