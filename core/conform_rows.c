/* conform_rows.c - data for a stage that nobody here has seen: what its ports and
 * parameters name, under the names that the core and the bundled stages use, with
 * values that fit each other (memberships name nodes that are there, vectors lie in
 * groups, roles and contents are parallel). */
#include "clio-build.h"

#include <string.h>

#include "conform.h"
#include "flow.h"
#include "json.h"

enum { LEAVES = 4, VECTOR_DIM = 8, LONG_TEXT = 100000 };

/* One column of an input port. */
typedef struct made_column {
  const char *name, *of;
  clio_type type;
  uint32_t dim;
  bool nullable, facet;
} made_column;

#define MADE(n, t, ...) \
  { .name = (n), .type = (t), __VA_ARGS__ }

static const made_column conversation_columns[] = {
    MADE("id", CLIO_T_UTF8, 0),
    MADE("role", CLIO_T_LIST, 0),
    MADE("content", CLIO_T_LIST, 0),
    MADE("sent", CLIO_T_LIST, .nullable = true),
    MADE("metadata", CLIO_T_UTF8, .nullable = true),
    MADE("account", CLIO_T_I64, .nullable = true),
    MADE("org", CLIO_T_I64, .nullable = true),
    MADE("time", CLIO_T_TIME, .nullable = true),
    MADE("outputs", CLIO_T_I64, 0),
    MADE("simhash", CLIO_T_I64, 0),
    MADE("request", CLIO_T_UTF8, .nullable = true),
    MADE("language", CLIO_T_UTF8, .nullable = true, .facet = true),
    MADE("turns", CLIO_T_I64, .nullable = true, .facet = true),
    MADE("refusal", CLIO_T_BOOL, .nullable = true, .facet = true),
    MADE("score", CLIO_T_F64, .nullable = true, .facet = true),
    MADE("vector", CLIO_T_VEC, .nullable = true, .dim = VECTOR_DIM, .of = "request"),
    MADE("cluster_request", CLIO_T_I64, .nullable = true, .of = "request"),
    MADE("distance_request", CLIO_T_F64, .nullable = true, .of = "request"),
    MADE("label_topic", CLIO_T_UTF8, .nullable = true),
};

const char *const conform_names[] = {"request",         "language", "vector",      "turns",
                                     "cluster_request", "refusal",  "label_topic", "score",
                                     "content",         "account",  "time",        NULL};

static const made_column cluster_columns[] = {
    MADE("facet", CLIO_T_UTF8, 0),
    MADE("node", CLIO_T_I64, 0),
    MADE("level", CLIO_T_I64, 0),
    MADE("parent", CLIO_T_I64, .nullable = true),
    MADE("centroid", CLIO_T_VEC, .nullable = true, .dim = VECTOR_DIM, .of = "request"),
    MADE("name", CLIO_T_UTF8, .nullable = true),
    MADE("description", CLIO_T_UTF8, .nullable = true),
};
static const made_column cell_columns[] = {
    MADE("facet", CLIO_T_UTF8, .nullable = true),
    MADE("node", CLIO_T_I64, .nullable = true),
    MADE("column", CLIO_T_UTF8, 0),
    MADE("value", CLIO_T_UTF8, 0),
};

/* ---- which columns ---- */

bool conform_after_gate(const plugin_stage *ps) {
  bool after = strcmp(ps->s.kind, "report") == 0 || strcmp(ps->s.kind, "validator") == 0;
  for (uint32_t i = 0; i < ps->s.inputs.count; i++) {
    const clio_port *port = &ps->inputs[i];
    if (port->rows == CLIO_ROWS_RUN) after = true;
    for (uint32_t k = 0; k < port->columns.count; k++)
      if (port->columns.items[k].privacy == CLIO_P_RELEASED) after = true;
  }
  return after;
}

bool conform_is_whole(const plugin_stage *ps) {
  if (strcmp(ps->s.kind, "sampler") == 0) return true;
  for (uint32_t i = 0; i < ps->s.inputs.count; i++) {
    const clio_port *port = &ps->inputs[i];
    if (port->flags & CLIO_PORT_WHOLE) return true;
    if (port->rows != CLIO_ROWS_CONVERSATION && port->rows != CLIO_ROWS_BLOCK) return true;
  }
  return false;
}

clio_privacy conform_class(const char *name) {
  static const char *const raw[] = {"id", "role", "content", "sent", "metadata", NULL};
  return g_strv_contains(raw, name) ? CLIO_P_RAW : CLIO_P_DERIVED;
}

static const made_column *find_made(const made_column *columns, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(columns[i].name, name) == 0) return &columns[i];
  return NULL;
}

clio_type conform_host_type(const clio_port *port, const char *name) {
  static const char *const fixed[] = {"id",  "role", "content", "sent",    "metadata", "account",
                                      "org", "time", "outputs", "simhash", NULL};
  const made_column *known = NULL;
  if (port->rows == CLIO_ROWS_CONVERSATION && g_strv_contains(fixed, name))
    known = find_made(conversation_columns, G_N_ELEMENTS(conversation_columns), name);
  else if (port->rows == CLIO_ROWS_CLUSTER && strcmp(name, "parent") != 0 &&
           strcmp(name, "id") != 0)
    known = find_made(cluster_columns, G_N_ELEMENTS(cluster_columns), name);
  return known ? known->type : CLIO_T_ANY;
}

bool conform_host_nulls(const plugin_stage *ps, const clio_port *port, const char *name) {
  static const char *const names[] = {"account", "org", "time", "sent", "metadata", NULL};
  (void)ps;
  return port->rows == CLIO_ROWS_CONVERSATION && g_strv_contains(names, name);
}

static void put_column(GArray *columns, made_column c) {
  for (guint i = 0; i < columns->len; i++)
    if (strcmp(g_array_index(columns, made_column, i).name, c.name) == 0) return;
  g_array_append_val(columns, c);
}

static bool adds_column(const plugin_stage *ps, const clio_port *in, const char *name) {
  for (uint32_t i = 0; i < ps->s.outputs.count; i++)
    for (uint32_t k = 0; k < ps->outputs[i].columns.count; k++)
      if (ps->outputs[i].rows == in->rows &&
          strcmp(ps->outputs[i].columns.items[k].name, name) == 0)
        return true;
  return false;
}

/* A declared column, with what is known of its name. Nulls come where the stage
 * says that it takes them. */
static made_column declared_column(const clio_column *c, const made_column *known) {
  made_column made = {.name = c->name, .type = c->type, .dim = c->dim};
  made.nullable = c->flags & CLIO_COL_NULLABLE;
  if (known) made.of = known->of;
  if (known) made.facet = known->facet;
  if (made.type == CLIO_T_ANY) made.type = known ? known->type : CLIO_T_UTF8;
  if (made.type == CLIO_T_VEC && made.dim == 0) made.dim = VECTOR_DIM;
  return made;
}

static void add_known(const conform_rows *r, const clio_port *port, GArray *columns,
                      const made_column *known, size_t count) {
  bool barrier = conform_is_whole(r->ps) && !conform_after_gate(r->ps);
  bool conversations = port->rows == CLIO_ROWS_CONVERSATION;
  bool sampler = strcmp(r->ps->s.kind, "sampler") == 0;
  for (size_t i = 0; i < count; i++) {
    bool raw = conversations && conform_class(known[i].name) == CLIO_P_RAW;
    bool text = known[i].type == CLIO_T_UTF8 || known[i].type == CLIO_T_LIST;
    if ((raw && barrier && strcmp(known[i].name, "id") != 0) ||
        (sampler && text && strcmp(known[i].name, "id") != 0))
      continue;
    if (!adds_column(r->ps, port, known[i].name)) put_column(columns, known[i]);
  }
}

/* Released columns, and those of the texts table, as the core declares them. */
static void add_schema(const schema *s, GArray *columns) {
  for (guint i = 0; s && i < s->columns->len; i++) {
    const schema_column *c = s->columns->pdata[i];
    put_column(columns, declared_column(&c->c, NULL));
  }
}

static GArray *port_columns(const conform_rows *r, const clio_port *port) {
  GArray *columns = g_array_new(FALSE, FALSE, sizeof(made_column));
  bool conversations = port->rows == CLIO_ROWS_CONVERSATION;
  const made_column *known = conversations ? conversation_columns : cluster_columns;
  size_t count = conversations ? G_N_ELEMENTS(conversation_columns) : G_N_ELEMENTS(cluster_columns);
  bool released = conform_after_gate(r->ps) && !conversations;
  if (port->rows == CLIO_ROWS_CELL) known = cell_columns, count = G_N_ELEMENTS(cell_columns);
  bool has_known = conversations || port->rows == CLIO_ROWS_CLUSTER || port->rows == CLIO_ROWS_CELL;
  if (!has_known || released) count = 0;
  for (uint32_t i = 0; i < port->columns.count; i++) {
    const clio_column *c = &port->columns.items[i];
    put_column(columns, declared_column(c, find_made(known, count, c->name)));
  }
  add_known(r, port, columns, known, count);
  if (released) add_schema(flow_released_schema(port->rows), columns);
  if (port->rows == CLIO_ROWS_TEXT) add_schema(flow_texts_schema(), columns);
  for (guint i = 0; conversations && r->columns && i < r->columns->len; i++)
    put_column(columns, (made_column)MADE(r->columns->pdata[i], CLIO_T_UTF8, .nullable = true));
  return columns;
}

static void write_schema(const GArray *columns, GString *to) {
  static const char *const types[] = {"utf8", "i64", "f64", "utf8", "vec", "list", "bool", "time"};
  for (guint i = 0; i < columns->len; i++) {
    const made_column *c = &g_array_index(columns, made_column, i);
    g_string_append_printf(to, "%s:%s", c->name, types[c->type]);
    if (c->type == CLIO_T_VEC) g_string_append_printf(to, "%u", c->dim);
    if (c->nullable) g_string_append_c(to, '?');
    if (c->facet) g_string_append_c(to, '*');
    if (c->of) g_string_append_printf(to, "<%s", c->of);
    g_string_append_c(to, ' ');
  }
}

/* ---- values ---- */

/* Questions as people ask them: with capitals, code, several languages. */
static const char *const plain_texts[] = {
    "How do I bake bread with a crisp crust?",
    "Please fix the error in my Python function:\n```python\ndef f(x):\n    return x +\n```",
    "HOW DO I END A FORMAL LETTER??",
    "Write a recipe for lentil soup, please.",
    "Wie beende ich einen Brief an die Beh\xc3\xb6rde?",
    "SELECT name FROM people WHERE age > 30; why is this slow?",
    "\xc2\xbf"
    "C\xc3\xb3mo cocino el arroz para que no quede pegajoso?",
    "\xe3\x83\x91\xe3\x83\xb3\xe3\x81\xae\xe7\x84\xbc\xe3\x81\x8d\xe6\x96\xb9\xe3\x82\x92"
    "\xe6\x95\x99\xe3\x81\x88\xe3\x81\xa6\xe3\x81\x8f\xe3\x81\xa0\xe3\x81\x95\xe3\x81\x84"};
enum { TEXTS = G_N_ELEMENTS(plain_texts) };

/* Any twelve bytes of a text are enough to tell whose it was. */
static bool repeats_text(const char *message) {
  enum { PIECE = 12 };
  for (size_t i = 0; i < G_N_ELEMENTS(plain_texts); i++)
    for (const char *at = plain_texts[i]; strlen(at) >= PIECE; at++) {
      g_autofree char *piece = g_strndup(at, PIECE);
      if (strstr(message, piece)) return true;
    }
  return false;
}

bool conform_is_discreet(const clio_test *t) {
  bool repeats = repeats_text(clio_test_log(t)) || repeats_text(clio_test_error(t));
  for (uint64_t i = 0; i < clio_test_failed(t); i++)
    repeats |= repeats_text(clio_test_failure(t, i, NULL));
  return !repeats;
}

static const char *const hostile_texts[] = {
    "",
    " ",
    "\x01\x02\x1b[31mred\x7f",
    "line\r\nline\ttab\n\n\n",
    "\xe2\x80\xae reversed \xe2\x80\x8b\xef\xbb\xbf zero width",
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 \xf4\x8f\xbf\xbf",
    "%s%n%x ${HOME} {{x}} ../../etc/passwd; DROP TABLE x; -- <script>\"'\\",
    "{\"a\": [1, {\"b\": null}]",
    "a\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88\xcc\x89",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a "
    "\xe0\xb9\x84\xe0\xb8\x97\xe0\xb8\xa2",
    "person@example.com +49 170 1234567 4111 1111 1111 1111",
    "-9223372036854775808 1e999 NaN",
};

static void put_text(GString *to, const char *text) { json_append_string(to, text, strlen(text)); }

/* Now and then a very long one, or one with a NUL inside. */
static void put_hostile(GString *to, uint64_t row) {
  if (row % 17 == 5) {
    g_autofree char *text = g_strnfill(LONG_TEXT, row % 2 ? 'a' : ' ');
    put_text(to, text);
  } else if (row % 17 == 6) {
    json_append_string(to, "before\0after", 12);
  } else {
    put_text(to, hostile_texts[row % G_N_ELEMENTS(hostile_texts)]);
  }
}

static uint64_t message_count(const conform_rows *r, uint64_t row) {
  if (r->mood != CONFORM_HOSTILE) return 2 + 2 * (row % 3 == 0);
  static const uint64_t counts[] = {2, 0, 1, 5, 300, 1, 2};
  return counts[row % G_N_ELEMENTS(counts)];
}

static void put_message(const conform_rows *r, GString *to, const char *name, uint64_t row,
                        uint64_t i) {
  static const char *const roles[] = {"user", "assistant", "system", "tool"};
  bool hostile = r->mood == CONFORM_HOSTILE;
  if (strcmp(name, "role") == 0)
    put_text(to, roles[hostile ? (row + i * i) % 4 : i % 2]);
  else if (strcmp(name, "sent") == 0)
    g_string_append_printf(to, "\"2026-01-02T10:%02u:00Z\"", (unsigned)(i % 60));
  else if (hostile)
    put_hostile(to, row + i);
  else
    put_text(to, i % 2 ? "Here is one way to do it." : plain_texts[row % TEXTS]);
}

static void put_list(const conform_rows *r, GString *to, const char *name, uint64_t row) {
  g_string_append_c(to, '[');
  for (uint64_t i = 0; i < message_count(r, row); i++) {
    if (i) g_string_append_c(to, ',');
    put_message(r, to, name, row, i);
  }
  g_string_append_c(to, ']');
}

/* Groups of vectors that lie near each other, by row modulo 4. */
static void put_vector(GString *to, uint32_t dim, uint64_t row) {
  g_string_append_c(to, '[');
  for (uint32_t i = 0; i < dim; i++) {
    double part = (i % LEAVES == row % LEAVES ? 1.0 : 0.0) + (double)((row * 7 + i * 5) % 11) / 100;
    g_string_append_printf(to, "%s%d.%03d", i ? "," : "", (int)part, (int)(part * 1000) % 1000);
  }
  g_string_append_c(to, ']');
}

static uint64_t leaves_of(const conform_rows *r) { return r->rows < 8 ? 1 : LEAVES; }

static int64_t whole_value(const conform_rows *r, const char *name, uint64_t row) {
  if (g_str_has_prefix(name, "cluster_")) return (int64_t)(row % leaves_of(r));
  if (strcmp(name, "account") == 0) return (int64_t)(1000 + row % 13);
  if (strcmp(name, "org") == 0) return (int64_t)(50 + row % 5);
  if (strcmp(name, "time") == 0) return 1767225600000000 + (int64_t)row * 5 * 3600000000;
  if (strcmp(name, "simhash") == 0) return (int64_t)(row % 4 * 0x123456789abcdef + row / 20);
  if (strcmp(name, "outputs") == 0) return (int64_t)(1 + row % 3);
  if (strcmp(name, "rating") == 0) return 5;
  return (int64_t)(1 + row % 4);
}

static void put_string(const conform_rows *r, GString *to, const char *name, uint64_t row) {
  if (strcmp(name, "id") == 0)
    g_string_append_printf(to, "\"row-%u\"", (unsigned)row);
  else if (strcmp(name, "facet") == 0)
    put_text(to, "request");
  else if (strcmp(name, "column") == 0)
    put_text(to, "language");
  else if (strcmp(name, "place") == 0)
    put_text(to, row % 2 ? "description" : "name");
  else if (r->mood == CONFORM_HOSTILE)
    put_hostile(to, row);
  else if (strcmp(name, "language") == 0 || strcmp(name, "value") == 0)
    put_text(to, row % 5 == 4 ? "es" : row % 3 ? "en" : "de");
  else if (g_str_has_prefix(name, "label_"))
    put_text(to, row % 2 ? "cooking" : "code");
  else
    put_text(to, plain_texts[row % TEXTS]);
}

static void put_value(const conform_rows *r, GString *to, const made_column *c, uint64_t row) {
  switch (c->type) {
  case CLIO_T_BOOL: g_string_append(to, row % 3 ? "false" : "true"); break;
  case CLIO_T_F64: g_string_append_printf(to, "0.%02u", (unsigned)(row * 7 % 90)); break;
  case CLIO_T_I64:
  case CLIO_T_TIME:
    g_string_append_printf(to, "%" G_GINT64_FORMAT, whole_value(r, c->name, row));
    break;
  case CLIO_T_VEC: put_vector(to, c->dim, row); break;
  case CLIO_T_LIST: put_list(r, to, c->name, row); break;
  default: put_string(r, to, c->name, row);
  }
}

/* A leaf always has a centroid; inner nodes need none. */
static bool is_null(const conform_rows *r, const made_column *c, guint number, uint64_t row) {
  bool leaf_place = strcmp(c->name, "centroid") == 0 && row < leaves_of(r);
  if (!c->nullable || leaf_place) return false;
  return r->mood == CONFORM_NULLS || (r->mood == CONFORM_SPARSE && (row + number) % 2 == 0);
}

/* ---- trees: leaves, then two parents; after the gate a root as well ---- */

/* One cell of the clusters table where its value depends on the tree; 0: it does not. */
static bool put_tree_cell(const conform_rows *r, GString *to, const made_column *c, uint64_t row) {
  uint64_t leaves = leaves_of(r);
  bool leaf = row < leaves, bare = strcmp(r->ps->s.kind, "hierarchizer") == 0;
  bool namer = strcmp(r->ps->s.kind, "namer") == 0;
  if (strcmp(c->name, "node") == 0)
    g_string_append_printf(to, "%u", (unsigned)row);
  else if (strcmp(c->name, "level") == 0)
    g_string_append(to, leaf ? "0" : "1");
  else if (strcmp(c->name, "parent") == 0 && (!leaf || bare || leaves == 1))
    g_string_append(to, "null");
  else if (strcmp(c->name, "parent") == 0)
    g_string_append_printf(to, "%u", (unsigned)(leaves + row / 2));
  else if (c->nullable && (bare || namer) &&
           (strcmp(c->name, "name") == 0 || strcmp(c->name, "description") == 0))
    g_string_append(to, "null");
  else
    return false;
  return true;
}

/* The same for what the gate has released: a root, then clusters below it. */
static bool put_released_cell(GString *to, const made_column *c, uint64_t row) {
  if (strcmp(c->name, "id") == 0)
    g_string_append_printf(to, "\"request-%u-%u\"", row ? 0 : 1, (unsigned)row);
  else if (strcmp(c->name, "level") == 0)
    g_string_append(to, row ? "0" : "1");
  else if (strcmp(c->name, "parent") == 0)
    g_string_append(to, row ? "\"request-1-0\"" : "null");
  else if (strcmp(c->name, "name") == 0 && row == 0 && c->nullable)
    g_string_append(to, "null");
  else if (strcmp(c->name, "rest") == 0)
    g_string_append(to, "false");
  else if (strcmp(c->name, "node") == 0)
    g_string_append_printf(to, "%u", (unsigned)row);
  else
    return false;
  return true;
}

static bool put_special(const conform_rows *r, GString *to, const clio_port *port,
                        const made_column *c, uint64_t row) {
  bool released = conform_after_gate(r->ps);
  bool proposal = port->rows == CLIO_ROWS_CELL && c->nullable;
  if (strcmp(c->name, "privacy") == 0 && port->rows == CLIO_ROWS_RUN) {
    put_text(to, "{\"cluster\":{\"accounts\":25}}");
  } else if (strcmp(c->name, "mode") == 0 && port->rows == CLIO_ROWS_RUN) {
    put_text(to, "public");
  } else if (port->rows == CLIO_ROWS_CLUSTER) {
    return released ? put_released_cell(to, c, row) : put_tree_cell(r, to, c, row);
  } else if (released && port->rows == CLIO_ROWS_CELL && strcmp(c->name, "id") == 0) {
    put_text(to, "request-1-0");
  } else if (!released && proposal && strcmp(c->name, "node") == 0) {
    g_string_append(to, "null");
  } else {
    return false;
  }
  return true;
}

static uint64_t port_rows(const conform_rows *r, const clio_port *port) {
  if (port->rows == CLIO_ROWS_RUN) return 1;
  if (r->rows == 0 || port->rows == CLIO_ROWS_CONVERSATION) return r->rows;
  if (port->rows != CLIO_ROWS_CLUSTER) return r->rows < 8 ? r->rows : 8;
  if (conform_after_gate(r->ps)) return r->rows == 1 ? 1 : 3;
  bool bare = strcmp(r->ps->s.kind, "hierarchizer") == 0;
  uint64_t leaves = leaves_of(r);
  return leaves == 1 ? 1 : leaves + (bare ? 0 : 2);
}

static void fill_table(clio_test *t, const conform_rows *r, const clio_port *port) {
  GArray *columns = port_columns(r, port);
  g_autoptr(GString) schema_text = g_string_new(NULL);
  g_autoptr(GString) rows = g_string_new("[");
  write_schema(columns, schema_text);
  for (uint64_t row = 0; row < port_rows(r, port); row++) {
    g_string_append(rows, row ? ",{" : "{");
    for (guint i = 0; i < columns->len; i++) {
      const made_column *c = &g_array_index(columns, made_column, i);
      g_string_append_printf(rows, "%s\"%s\":", i ? "," : "", c->name);
      if (is_null(r, c, i, row))
        g_string_append(rows, "null");
      else if (!put_special(r, rows, port, c, row))
        put_value(r, rows, c, row);
    }
    g_string_append_c(rows, '}');
  }
  g_string_append_c(rows, ']');
  clio_test_rows(t, port->name, schema_text->str, rows->str);
  g_array_free(columns, TRUE);
}

/* ---- lines for a source ---- */

static void put_line(const conform_rows *r, GString *to, uint64_t row) {
  if (r->mood == CONFORM_HOSTILE && row % 2) {
    static const char *const lines[] = {
        "",      "{",      "[[[[[[[[",    "null", "{\"messages\":", "\xff\xfe\x80", "\"\\ud800\"",
        "a,b,c", "\t\t\t", "{\"id\":1}\r"};
    g_string_append(to, lines[row / 2 % G_N_ELEMENTS(lines)]);
  } else {
    g_string_append_printf(to,
                           "{\"id\":\"row-%u\",\"account_id\":\"person-%u\","
                           "\"created_at\":\"2026-01-%02uT10:00:00Z\",\"messages\":[",
                           (unsigned)row, (unsigned)row % 7, (unsigned)row % 28 + 1);
    g_string_append(to, "{\"role\":\"user\",\"content\":");
    put_message(r, to, "content", row, 0);
    g_string_append(to, "},{\"role\":\"assistant\",\"content\":\"Here it is.\"}]}");
  }
  g_string_append_c(to, '\n');
}

void conform_fill(clio_test *t, const conform_rows *r) {
  for (uint32_t i = 0; i < r->ps->s.inputs.count; i++) {
    const clio_port *port = &r->ps->inputs[i];
    if (port->rows != CLIO_ROWS_BLOCK) {
      fill_table(t, r, port);
      continue;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    for (uint64_t row = 0; row < r->rows; row++) put_line(r, text, row);
    clio_test_lines(t, port->name, text->str, r->block_bytes);
  }
}
