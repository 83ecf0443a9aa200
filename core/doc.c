/* doc.c - libyaml's events into a tree of nodes with places; see doc.h. Why a
 * text is no YAML is said by doc_syntax.c. */
#include "doc.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <yaml.h>

#include "doc_syntax.h"

void doc_node_free(doc_node *node) {
  if (!node) return;
  if (node->items) g_ptr_array_unref(node->items);
  g_free(node->text);
  g_free(node->unset);
  g_free(node);
}

static void node_free(void *node) { doc_node_free(node); }

const doc_node *doc_get(const doc_node *map, const char *key, const doc_node **ret_key) {
  if (!map || map->kind != DOC_MAP) return NULL;
  for (guint i = 0; i < doc_entries(map); i++) {
    const doc_node *k = doc_key(map, i);
    if (strcmp(k->text, key) != 0) continue;
    if (ret_key) *ret_key = k;
    return doc_value(map, i);
  }
  return NULL;
}

guint doc_entries(const doc_node *map) { return map->items->len / 2; }
const doc_node *doc_key(const doc_node *map, guint i) {
  return g_ptr_array_index(map->items, 2 * i);
}
const doc_node *doc_value(const doc_node *map, guint i) {
  return g_ptr_array_index(map->items, 2 * i + 1);
}

/* ---- events into nodes ---- */

/* An open list or map, and the keys a map has had so far. */
typedef struct frame {
  doc_node *node;
  GHashTable *keys; /* text, borrowed from the key's node -> the key's node */
} frame;

typedef struct reader {
  yaml_parser_t parser;
  diag *d;
  doc_node *root;
  frame open[DOC_DEPTH_MAX];
  unsigned depth;
  unsigned documents;
  bool stopped; /* an error after which reading on makes no sense */
} reader;

static bool expects_key(const reader *r) {
  if (r->depth == 0) return false;
  const doc_node *top = r->open[r->depth - 1].node;
  return top->kind == DOC_MAP && top->items->len % 2 == 0;
}

static diag_pos event_place(const yaml_event_t *event) {
  yaml_mark_t start = event->start_mark, end = event->end_mark;
  return doc_place(start, end.line == start.line ? end.column - start.column : 1);
}

static void check_duplicate(reader *r, doc_node *key) {
  GHashTable *keys = r->open[r->depth - 1].keys;
  const doc_node *first = g_hash_table_lookup(keys, key->text);
  if (!first) {
    g_hash_table_insert(keys, key->text, key);
    return;
  }
  diag_error(r->d, key->at, "key '%s' is written twice in this map; the first is on line %u",
             key->text, first->at.line);
  key->bad = true;
}

static void check_key(reader *r, doc_node *key) {
  if (key->bad) return;
  if (key->kind != DOC_SCALAR) {
    diag_error(r->d, key->at, "a key must be a word, not a %s",
               key->kind == DOC_LIST ? "list" : "map");
    key->bad = true;
  } else if (key->null && key->text[0] == '\0') {
    diag_error(r->d, key->at, "a key is missing before this colon");
    key->bad = true;
  } else {
    check_duplicate(r, key);
  }
}

/* Puts a new node where the document is at. */
static void attach(reader *r, doc_node *node) {
  if (r->depth == 0) {
    r->root = node;
    return;
  }
  bool is_key = expects_key(r);
  g_ptr_array_add(r->open[r->depth - 1].node->items, node);
  if (is_key) check_key(r, node);
}

static void open_node(reader *r, const yaml_event_t *event, doc_kind kind) {
  doc_node *node = g_new0(doc_node, 1);
  node->kind = kind;
  node->at = doc_place(event->start_mark, 1);
  node->items = g_ptr_array_new_with_free_func(node_free);
  attach(r, node);
  if (r->depth == DOC_DEPTH_MAX) {
    diag_error(r->d, node->at, "lists and maps are nested more than %d deep here", DOC_DEPTH_MAX);
    r->stopped = true;
    return;
  }
  frame *f = &r->open[r->depth++];
  f->node = node;
  f->keys = kind == DOC_MAP ? g_hash_table_new(g_str_hash, g_str_equal) : NULL;
}

/* `{a:1}` is a key "a:1" without a value to YAML, and `{a: 0,5}` has a key "5";
 * nobody means that. */
static void check_accident(reader *r, doc_node *key, const doc_node *value) {
  bool empty = value->kind == DOC_SCALAR && value->null && value->text[0] == '\0';
  if (key->bad || !key->plain || !empty) return;
  bool digits = strspn(key->text, "0123456789") == strlen(key->text);
  key->bad = digits || strchr(key->text, ':');
  if (digits)
    diag_error(r->d, key->at,
               "the comma before '%s' ends a value here; the decimal sign is a point, and "
               "thousands have no sign",
               key->text);
  else if (key->bad)
    diag_error(r->d, key->at, "a space is missing after the colon in '%s'", key->text);
}

/* Takes entries with a bad key out of a finished map. */
static void drop_bad_entries(reader *r, doc_node *map) {
  for (guint i = 0; i + 1 < map->items->len;) {
    doc_node *key = g_ptr_array_index(map->items, i);
    check_accident(r, key, g_ptr_array_index(map->items, i + 1));
    if (key->bad)
      g_ptr_array_remove_range(map->items, i, 2);
    else
      i += 2;
  }
}

static void close_node(reader *r) {
  frame *f = &r->open[--r->depth];
  if (f->node->kind == DOC_MAP) drop_bad_entries(r, f->node);
  if (f->keys) g_hash_table_unref(f->keys);
}

static bool is_null_word(const char *text) {
  return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
         strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

static void add_scalar(reader *r, const yaml_event_t *event) {
  doc_node *node = g_new0(doc_node, 1);
  node->kind = DOC_SCALAR;
  node->at = event_place(event);
  node->text = g_strndup((const char *)event->data.scalar.value, event->data.scalar.length);
  node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  node->null = node->plain && is_null_word(node->text);
  if (memchr(event->data.scalar.value, '\0', event->data.scalar.length)) {
    diag_error(r->d, node->at, "this text holds a NUL character; remove the \\0");
    node->bad = true;
  }
  attach(r, node);
}

static void add_alias(reader *r, const yaml_event_t *event) {
  const char *name = (const char *)event->data.alias.anchor;
  doc_node *node = g_new0(doc_node, 1);
  node->kind = DOC_SCALAR;
  node->at = event_place(event);
  node->text = g_strdup("");
  node->plain = node->null = node->bad = true;
  diag_error(r->d, node->at,
             "alias '*%s': graphs have no aliases; write the value out, or use a variable of vars",
             name);
  attach(r, node);
}

static void refuse_anchor(reader *r, const yaml_event_t *event, const yaml_char_t *anchor) {
  if (!anchor) return;
  const char *name = (const char *)anchor;
  diag_error(r->d, doc_place(event->start_mark, 1 + (size_t)g_utf8_strlen(name, -1)),
             "anchor '&%s': graphs have no anchors; remove it, and use a variable of vars", name);
}

static void refuse_tag(reader *r, const yaml_event_t *event, const yaml_char_t *tag) {
  if (!tag) return;
  diag_error(
      r->d, doc_place(event->start_mark, 1),
      "graphs have no tags; remove the '!...', or put a text that starts with '!' in quotes");
}

static void start_document(reader *r, const yaml_event_t *event) {
  if (++r->documents > 1) {
    diag_error(r->d, doc_place(event->start_mark, 3),
               "a second document starts here; a graph is one document");
    r->stopped = true;
  } else if (event->data.document_start.tag_directives.start !=
             event->data.document_start.tag_directives.end) {
    diag_error(r->d, doc_place(event->start_mark, 4),
               "graphs have no tags; remove the %%TAG directive");
  }
}

static void take_event(reader *r, const yaml_event_t *event) {
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT: start_document(r, event); break;
  case YAML_ALIAS_EVENT: add_alias(r, event); break;
  case YAML_SCALAR_EVENT:
    refuse_anchor(r, event, event->data.scalar.anchor);
    refuse_tag(r, event, event->data.scalar.tag);
    add_scalar(r, event);
    break;
  case YAML_SEQUENCE_START_EVENT:
    refuse_anchor(r, event, event->data.sequence_start.anchor);
    refuse_tag(r, event, event->data.sequence_start.tag);
    open_node(r, event, DOC_LIST);
    break;
  case YAML_MAPPING_START_EVENT:
    refuse_anchor(r, event, event->data.mapping_start.anchor);
    refuse_tag(r, event, event->data.mapping_start.tag);
    open_node(r, event, DOC_MAP);
    break;
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT: close_node(r); break;
  default: break;
  }
}

/* All events of the text; false where reading had to stop early. */
static bool read_events(reader *r, const char *text, size_t length) {
  bool ended = false;
  while (!ended && !r->stopped) {
    yaml_event_t event;
    if (!yaml_parser_parse(&r->parser, &event)) {
      doc_report_syntax(&r->parser, text, length, r->d);
      r->stopped = true;
      break;
    }
    ended = event.type == YAML_STREAM_END_EVENT;
    take_event(r, &event);
    yaml_event_delete(&event);
  }
  for (unsigned i = 0; i < r->depth; i++)
    if (r->open[i].keys) g_hash_table_unref(r->open[i].keys);
  return !r->stopped;
}

doc_node *doc_parse(const char *text, size_t length, diag *d) {
  if (!doc_check_bytes(text, length, d)) return NULL;
  reader r = {.d = d};
  if (!yaml_parser_initialize(&r.parser)) g_error("out of memory");
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
  bool whole = read_events(&r, text, length);
  yaml_parser_delete(&r.parser);
  bool empty = !r.root || (r.root->kind == DOC_SCALAR && r.root->null && !r.root->bad);
  if (whole && empty) diag_error(d, (diag_pos){0}, "the file is empty");
  if (whole && !empty) return r.root;
  doc_node_free(r.root);
  return NULL;
}

/* ---- scalars as values ---- */

static bool is_plain_scalar(const doc_node *node, const char **ret_why) {
  *ret_why = NULL;
  if (node->kind != DOC_SCALAR || node->null) return false;
  if (!node->plain) *ret_why = "remove the quotes";
  return node->plain;
}

/* What is wrong with the form of an integer, or NULL. */
static bool integer_form(const char *text, const char **ret_why) {
  const char *digits = text[0] == '-' ? text + 1 : text;
  size_t n = strspn(digits, "0123456789");
  bool whole = n > 0 && digits[n] == '\0';
  if (whole && (n == 1 || digits[0] != '0')) return true;
  if (whole)
    *ret_why = "write it without leading zeros";
  else if (n > 0 && strspn(digits, "0123456789_") == strlen(digits))
    *ret_why = "write it without underscores";
  else if (n > 0 && strspn(digits, "0123456789,") == strlen(digits))
    *ret_why = "write it without commas";
  return false;
}

bool doc_int(const doc_node *node, int64_t *ret, const char **ret_why) {
  if (!is_plain_scalar(node, ret_why)) return false;
  if (!integer_form(node->text, ret_why)) return false;
  errno = 0;
  gint64 value = g_ascii_strtoll(node->text, NULL, 10);
  if (errno == ERANGE) {
    *ret_why = "it does not fit 64 bits";
    return false;
  }
  *ret = value;
  return true;
}

bool doc_double(const doc_node *node, double *ret, const char **ret_why) {
  if (!is_plain_scalar(node, ret_why)) return false;
  const char *p = node->text[0] == '-' ? node->text + 1 : node->text;
  size_t whole = strspn(p, "0123456789");
  char *end = NULL;
  if (whole > 0 && strspn(node->text, "0123456789+-.eE") == strlen(node->text)) {
    double value = g_ascii_strtod(node->text, &end);
    if (*end == '\0' && isfinite(value)) {
      *ret = value;
      return true;
    }
  }
  if (p[0] == '.' && g_ascii_isdigit(p[1])) *ret_why = "write a digit before the point";
  if (whole > 0 && strchr(p, ',')) *ret_why = "the decimal sign is a point";
  if (whole > 0 && strchr(p, '%')) *ret_why = "write a share, such as 0.05 for 5 %";
  return false;
}

bool doc_bool(const doc_node *node, bool *ret, const char **ret_why) {
  static const char *const yes[] = {"yes", "on", "y", "1", "true"};
  static const char *const no[] = {"no", "off", "n", "0", "false"};
  if (!is_plain_scalar(node, ret_why)) return false;
  bool is_true = strcmp(node->text, "true") == 0;
  if (is_true || strcmp(node->text, "false") == 0) {
    *ret = is_true;
    return true;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(yes); i++) {
    if (g_ascii_strcasecmp(node->text, yes[i]) == 0) *ret_why = "write true";
    if (g_ascii_strcasecmp(node->text, no[i]) == 0) *ret_why = "write false";
  }
  return false;
}

/* ---- nodes in messages ---- */

char *doc_shown(const doc_node *node) {
  enum { LONGEST = 40 };
  if (node->kind == DOC_LIST) return g_strdup("a list");
  if (node->kind == DOC_MAP) return g_strdup("a map");
  if (node->null) return g_strdup(node->text[0] ? "null" : "nothing");
  bool is_long = g_utf8_strlen(node->text, -1) > LONGEST;
  g_autofree char *start = g_utf8_substring(node->text, 0, is_long ? LONGEST : -1);
  const char *quote = node->plain ? "'" : "\"";
  return g_strdup_printf("%s%s%s%s", quote, start, is_long ? "..." : "", quote);
}

void doc_complain(const doc_node *node, diag *d, bool privacy, const char *who, const char *want,
                  const char *why) {
  if (node->bad) return;
  g_autofree char *shown = doc_shown(node);
  void (*report)(diag *, diag_pos, const char *, ...) = privacy ? diag_privacy : diag_error;
  report(d, node->at, "%s wants %s, not %s%s%s", who, want, shown, why ? "; " : "", why ? why : "");
}

diag_pos doc_locate(const char *text, size_t length, diag_pos scalar, const char *word) {
  const char *p = text, *end = text + length;
  for (uint32_t line = 1; line < scalar.line && p; line++) {
    p = memchr(p, '\n', (size_t)(end - p));
    if (p) p++;
  }
  if (!p) return scalar;
  for (uint32_t column = 1; column < scalar.column + scalar.length; column++) {
    size_t n = strlen(word);
    if ((size_t)(end - p) < n || *p == '\n') break;
    if (column >= scalar.column && memcmp(p, word, n) == 0)
      return (diag_pos){scalar.line, column, (uint32_t)g_utf8_strlen(word, -1)};
    p = g_utf8_next_char(p);
  }
  return scalar;
}
