/* replay_read.c - recorded answers: lines of JSON into a table, and looking them up. */
#include "replay.h"

/* ---- one line ---- */

/* Copies a text member; 0: no memory. */
static int copy_text(json_object *line, const char *key, char **ret) {
  clio_span text = wire_get_text(line, key);
  *ret = NULL;
  if (!text.s) return 1;
  *ret = malloc((size_t)text.len + 1);
  if (!*ret) return 0;
  for (int64_t i = 0; i < text.len; i++) (*ret)[i] = text.s[i] ? text.s[i] : ' ';
  (*ret)[text.len] = '\0';
  return 1;
}

static const char *read_key(json_object *line, char ret[REPLAY_KEY]) {
  clio_span key = wire_get_text(line, "key");
  if (!key.s) return NULL;
  if (key.len != REPLAY_KEY - 1) return "a key has 64 hexadecimal digits";
  memcpy(ret, key.s, REPLAY_KEY - 1);
  return strspn(ret, "0123456789abcdef") == REPLAY_KEY - 1
             ? NULL
             : "a key has 64 hexadecimal digits, in small letters";
}

static const char *read_outcome(json_object *line, uint32_t *ret) {
  static const char *const names[] = {"ok", "refusal", "length", "filtered", "invalid"};
  clio_span outcome = wire_get_text(line, "outcome");
  if (!outcome.s) return NULL;
  for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!clio_span_is(outcome, names[i])) continue;
    *ret = i;
    return NULL;
  }
  return "an outcome is ok, refusal, length, filtered or invalid";
}

static const char *read_vector(json_object *line, replay_line *ret) {
  json_object *vector = NULL;
  if (!json_object_object_get_ex(line, "vector", &vector)) return NULL;
  uint64_t dim = wire_vector_dim(vector);
  if (dim == 0 || dim > WIRE_DIM_MAX) return "a vector is a list of numbers, or base64";
  ret->vector = malloc(dim * sizeof *ret->vector);
  if (!ret->vector) return "out of memory";
  ret->dim = (uint32_t)dim;
  return wire_vector(vector, ret->vector, 0, ret->dim);
}

/* What is wrong with the line, or NULL. */
static const char *read_line(json_object *line, replay_line *ret) {
  const char *why;
  if (!json_object_is_type(line, json_type_object)) return "a line is a JSON object";
  if ((why = read_key(line, ret->key)) || (why = read_outcome(line, &ret->outcome)) ||
      (why = read_vector(line, ret)))
    return why;
  if (!copy_text(line, "contains", &ret->contains) || !copy_text(line, "text", &ret->text))
    return "out of memory";
  ret->in_tokens = wire_get_count(line, "in");
  ret->out_tokens = wire_get_count(line, "out");
  if (ret->vector && !ret->key[0]) return "a vector goes with a key";
  if (!ret->text && !ret->vector && ret->outcome == CLIO_OUT_OK)
    return "neither a text, nor a vector, nor an outcome";
  return NULL;
}

/* ---- all lines ---- */

static clio_status add_line(replay_lines *lines, json_reader *reader, const char *text, size_t len,
                            const char **ret_why) {
  json_object *value = NULL;
  json_fault fault;
  if (!json_read(reader, text, len, &value, &fault)) {
    *ret_why = fault.reason;
    return CLIO_E_INPUT;
  }
  clio_status s = CLIO_GROW(lines->items, lines->room, lines->count + 1);
  if (s == CLIO_OK) {
    replay_line *line = &lines->items[lines->count++];
    memset(line, 0, sizeof *line);
    *ret_why = read_line(value, line);
    if (*ret_why) s = CLIO_E_INPUT;
  }
  json_object_put(value);
  return s;
}

/* Those with a key first, by key; the rest as they stood. */
static int by_key(const void *a, const void *b) {
  const replay_line *x = a, *y = b;
  return strcmp(x->key, y->key);
}

static clio_status sort_lines(replay_lines *lines) {
  replay_line *sorted = malloc((lines->count + 1) * sizeof *sorted);
  uint64_t n = 0;
  if (!sorted) return CLIO_E_NOMEM;
  for (int keyed = 1; keyed >= 0; keyed--) {
    for (uint64_t i = 0; i < lines->count; i++)
      if ((lines->items[i].key[0] != '\0') == keyed) sorted[n++] = lines->items[i];
    if (keyed) lines->keyed = n;
  }
  qsort(sorted, lines->keyed, sizeof *sorted, by_key);
  free(lines->items);
  lines->items = sorted;
  lines->room = lines->count + 1;
  return CLIO_OK;
}

clio_status replay_read(const clio_host *host, clio_call *call, const char *text,
                        replay_lines *ret) {
  json_reader *reader = json_reader_new(JSON_STRICT_DEPTH);
  const char *why = NULL;
  unsigned long long number = 1;
  clio_status s = reader ? CLIO_OK : CLIO_E_NOMEM;
  for (const char *p = text; s == CLIO_OK && p && *p; number++) {
    size_t len = strcspn(p, "\n");
    if (strspn(p, " \t\r") < len) s = add_line(ret, reader, p, len, &why);
    p += len + (p[len] == '\n');
  }
  json_reader_free(reader);
  if (s == CLIO_OK) s = sort_lines(ret);
  if (s == CLIO_E_NOMEM) return clio_nomem(host, call);
  if (s != CLIO_OK)
    return clio_failf(host, call, s, "answers: line %llu: %s", number - 1,
                      why ? why : "not understood");
  for (uint64_t i = 1; i < ret->keyed; i++)
    if (strcmp(ret->items[i - 1].key, ret->items[i].key) == 0)
      return clio_failf(host, call, CLIO_E_INPUT, "answers: two lines with the key %s",
                        ret->items[i].key);
  return CLIO_OK;
}

void replay_clear(replay_lines *lines) {
  for (uint64_t i = 0; i < lines->count; i++) {
    free(lines->items[i].contains);
    free(lines->items[i].text);
    free(lines->items[i].vector);
  }
  free(lines->items);
  memset(lines, 0, sizeof *lines);
}

const replay_line *replay_find(const replay_lines *lines, const char *key, const char *text) {
  uint64_t low = 0, high = lines->keyed;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    int order = strcmp(lines->items[middle].key, key);
    if (order == 0) return &lines->items[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (uint64_t i = lines->keyed; text && i < lines->count; i++)
    if (!lines->items[i].contains || strstr(text, lines->items[i].contains))
      return &lines->items[i];
  return NULL;
}
