/* answer.c - reads what is asked in three dialects and answers out of its hash; see
 * server.h. Where the request has a schema, the answer satisfies it. */
#include <math.h>
#include <string.h>

#include "rng.h"
#include "server.h"

enum { DIM = 16, LIST = 2, MANY = 1000 };

static const rng_key key = {1, 2};

static json_object *get(json_object *o, const char *name) {
  json_object *v = NULL;
  if (!json_object_is_type(o, json_type_object)) return NULL;
  return json_object_object_get_ex(o, name, &v) ? v : NULL;
}

static const char *text_of(json_object *o, const char *name) {
  json_object *v = get(o, name);
  return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static uint64_t hash_text(const char *text) { return rng_siphash(key, text, strlen(text)); }

/* ---- reading ---- */

/* A message's content: a string, or parts with text. */
static void add_content(GString *to, json_object *content) {
  if (json_object_is_type(content, json_type_string)) {
    g_string_append(to, json_object_get_string(content));
    return;
  }
  if (!json_object_is_type(content, json_type_array)) return;
  for (size_t i = 0; i < json_object_array_length(content); i++) {
    const char *t = text_of(json_object_array_get_idx(content, i), "text");
    if (t) g_string_append(to, t);
  }
}

static void read_messages(asked *a) {
  json_object *messages = get(a->root, "messages");
  g_autoptr(GString) all = g_string_new(a->model);
  g_autoptr(GString) last = g_string_new(NULL);
  add_content(all, get(a->root, "system"));
  for (size_t i = 0; messages && i < json_object_array_length(messages); i++) {
    json_object *m = json_object_array_get_idx(messages, i);
    const char *role = text_of(m, "role");
    if (role && !strcmp(role, "user")) g_string_truncate(last, 0);
    if (role && !strcmp(role, "user")) add_content(last, get(m, "content"));
    add_content(all, get(m, "content"));
  }
  a->words = g_strdup(last->str);
  a->hash = hash_text(all->str);
  g_array_append_val(a->contents, a->hash);
}

static void read_schema(asked *a) {
  json_object *format = get(get(a->root, "response_format"), "json_schema");
  a->schema = get(format, "schema");
  if (!a->schema) a->schema = get(get(get(a->root, "output_config"), "format"), "schema");
  if (!a->schema && a->dialect == DIALECT_OLLAMA) a->schema = get(a->root, "format");
  if (!json_object_is_type(a->schema, json_type_object)) a->schema = NULL;
  json_object *tools = get(a->root, "tools");
  if (!json_object_is_type(tools, json_type_array) || !json_object_array_length(tools)) return;
  json_object *tool = json_object_array_get_idx(tools, 0);
  a->tool = text_of(tool, "name");
  if (a->tool) a->schema = get(tool, "input_schema");
}

static void read_texts(asked *a) {
  json_object *input = get(a->root, "input"), *dim = get(a->root, "dimensions");
  a->dim = dim ? json_object_get_int64(dim) : DIM;
  size_t n = json_object_is_type(input, json_type_array) ? json_object_array_length(input) : 1;
  for (size_t i = 0; input && i < n; i++) {
    json_object *t =
        json_object_is_type(input, json_type_array) ? json_object_array_get_idx(input, i) : input;
    uint64_t hash = hash_text(json_object_get_string(t));
    g_array_append_val(a->contents, hash);
    a->hash ^= rng_random(0, "texts", hash + i);
  }
}

static int64_t read_cap(const asked *a) {
  json_object *cap = get(a->root, "max_tokens");
  if (!cap) cap = get(a->root, "max_completion_tokens");
  if (!cap) cap = get(get(a->root, "options"), "num_predict");
  return cap ? json_object_get_int64(cap) : INT32_MAX;
}

bool asked_read(asked *a, const char *path, const char *body, size_t length) {
  memset(a, 0, sizeof *a);
  a->contents = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  a->embeds = g_str_has_suffix(path, "/embeddings") || g_str_has_suffix(path, "/api/embed");
  if (g_str_has_suffix(path, "/chat/completions") || g_str_has_suffix(path, "/embeddings"))
    a->dialect = DIALECT_OPENAI;
  else if (g_str_has_suffix(path, "/messages"))
    a->dialect = DIALECT_ANTHROPIC;
  else if (g_str_has_suffix(path, "/api/chat") || g_str_has_suffix(path, "/api/embed"))
    a->dialect = DIALECT_OLLAMA;
  if (!a->dialect) return false;
  a->root = json_tokener_parse(body);
  if (!json_object_is_type(a->root, json_type_object)) return false;
  a->model = text_of(a->root, "model");
  if (!a->model) a->model = "";
  a->in_tokens = 1 + (int64_t)length / 4;
  a->max_tokens = read_cap(a);
  read_schema(a);
  if (a->embeds)
    read_texts(a);
  else
    read_messages(a);
  return a->contents->len > 0;
}

void asked_clear(asked *a) {
  if (a->root) json_object_put(a->root);
  if (a->contents) g_array_unref(a->contents);
  g_free(a->words);
}

/* ---- values out of a hash ---- */

typedef struct maker {
  const char *fault, *obey; /* obey: what the user said, which the answer obeys; or NULL */
  uint64_t hash, drawn;
  const char *name; /* of the member that is being made */
  int item;         /* of the list that is being made */
} maker;

static bool is(const char *fault, const char *name) { return fault && !strcmp(fault, name); }

static uint64_t draw(maker *m) { return rng_random((int64_t)m->hash, "value", ++m->drawn); }

/* ---- an obedient model: it says what the material tells it to, and what stands in it ---- */

/* The line after the k-th of what begins `mark`, counted round and round; NULL: none. */
static char *line_after(const char *text, const char *mark, uint64_t k) {
  uint64_t found = 0;
  for (const char *at = text; (at = strstr(at, mark)) != NULL; at++) found++;
  if (!found) return NULL;
  const char *at = strstr(text, mark);
  for (k %= found; k > 0; k--) at = strstr(at + 1, mark);
  at += strlen(mark);
  return g_strndup(at, MIN(strcspn(at, "\n"), 200));
}

/* An order in the material, or one of its lines, whole. */
static char *obey_text(maker *m) {
  uint64_t k = draw(m);
  char *said = k % 2 ? line_after(m->obey, "answer with: ", k >> 1) : NULL;
  if (!said) said = line_after(m->obey, "\n- ", k >> 1);
  if (!said) said = line_after(m->obey, "<user>\n", k >> 1);
  return said ? said : g_strndup(m->obey, 200);
}

/* Numbers that a checker wants to see: each text's own, the best rating. */
static int64_t obey_number(const maker *m) {
  g_autofree char *number = line_after(m->obey, "\nText ", (uint64_t)m->item);
  if (!g_strcmp0(m->name, "rating")) return 5;
  if (g_strcmp0(m->name, "number")) return 1;
  return number ? g_ascii_strtoll(number, NULL, 10) : m->item + 1;
}

/* As many items as there are texts to rate, if it is asked for that. */
static int obey_items(const maker *m) {
  int n = 0;
  for (const char *at = m->obey; (at = strstr(at, "\nText ")) != NULL; at++) n++;
  return n > 0 ? n : LIST;
}

static char *make_string(maker *m) {
  static const char *const words[] = {"ask",   "about", "plan",  "write", "code",  "fix",  "travel",
                                      "learn", "cook",  "draft", "list",  "check", "data", "story"};
  if (is(m->fault, "long_string")) return g_strnfill(50000, 'x');
  if (is(m->fault, "empty_text")) return g_strdup("");
  if (m->obey) return obey_text(m);
  if (is(m->fault, "duplicate_names")) return g_strdup("the same");
  const char *a = words[draw(m) % G_N_ELEMENTS(words)], *b = words[draw(m) % G_N_ELEMENTS(words)];
  return g_strdup_printf("%s %s %s", a, b, words[draw(m) % G_N_ELEMENTS(words)]);
}

static json_object *make_value(maker *m, json_object *schema, int depth);

static json_object *make_object(maker *m, json_object *schema, int depth) {
  json_object *o = json_object_new_object(), *properties = get(schema, "properties");
  bool skip = is(m->fault, "missing_field");
  if (!properties) return o;
  json_object_object_foreach(properties, name, value) {
    m->name = name;
    if (!skip) json_object_object_add(o, name, make_value(m, value, depth + 1));
    skip = false;
  }
  return o;
}

static json_object *make_list(maker *m, json_object *schema, int depth) {
  json_object *list = json_object_new_array();
  int n = is(m->fault, "list_empty") ? 0 : is(m->fault, "list_1000") ? MANY : LIST;
  if (n == LIST && m->obey) n = obey_items(m);
  for (int i = 0; i < n; i++) {
    m->item = i;
    json_object_array_add(list, make_value(m, get(schema, "items"), depth + 1));
  }
  return list;
}

static json_object *make_enum(maker *m, json_object *choices) {
  if (is(m->fault, "wrong_enum")) return json_object_new_string("no such choice");
  json_object *c = json_object_array_get_idx(choices, draw(m) % json_object_array_length(choices));
  return json_object_get(c);
}

/* The first type that is not null. */
static const char *type_of(json_object *schema) {
  json_object *type = get(schema, "type");
  if (!json_object_is_type(type, json_type_array)) return text_of(schema, "type");
  for (size_t i = 0; i < json_object_array_length(type); i++) {
    const char *t = json_object_get_string(json_object_array_get_idx(type, i));
    if (strcmp(t, "null") != 0) return t;
  }
  return NULL;
}

static json_object *make_value(maker *m, json_object *schema, int depth) {
  json_object *choices = get(schema, "enum"), *any = get(schema, "anyOf");
  if (depth > 8) return NULL;
  if (any) return make_value(m, json_object_array_get_idx(any, 0), depth + 1);
  if (choices && json_object_array_length(choices)) return make_enum(m, choices);
  const char *type = type_of(schema);
  if (is(type, "object")) return make_object(m, schema, depth);
  if (is(type, "array")) return make_list(m, schema, depth);
  if (is(type, "boolean")) return json_object_new_boolean(draw(m) % 2);
  if (is(type, "null")) return NULL;
  if (is(type, "integer") || is(type, "number")) {
    int64_t n = 1 + (int64_t)(draw(m) % 5);
    if (m->obey) n = obey_number(m);
    if (!is(m->fault, "number_as_string")) return json_object_new_int64(n);
    return json_object_new_string(n > 2 ? "many" : "few");
  }
  g_autofree char *text = make_string(m);
  return json_object_new_string(text);
}

/* ---- answers ---- */

static void put(json_object *o, const char *name, int64_t n) {
  json_object_object_add(o, name, json_object_new_int64(n));
}

static void put_text(json_object *o, const char *name, const char *text) {
  json_object_object_add(o, name, text ? json_object_new_string(text) : NULL);
}

static json_object *list_of(json_object *item) {
  json_object *list = json_object_new_array();
  json_object_array_add(list, item);
  return list;
}

static json_object *chat_openai(const asked *a, const char *fault, const char *text) {
  json_object *o = json_object_new_object(), *choice = json_object_new_object();
  json_object *message = json_object_new_object();
  bool refused = is(fault, "refusal");
  put_text(message, "role", "assistant");
  put_text(message, "content", refused || is(fault, "filtered") ? NULL : text);
  put_text(message, "refusal", refused ? "I cannot help with that." : NULL);
  put(choice, "index", 0);
  json_object_object_add(choice, "message", message);
  put_text(choice, "finish_reason",
           is(fault, "length") || is(fault, "context_exceeded") ? "length"
           : is(fault, "filtered")                              ? "content_filter"
                                                                : "stop");
  put_text(o, "id", "chatcmpl-1");
  put_text(o, "object", "chat.completion");
  put_text(o, "model", a->model);
  json_object_object_add(o, "choices", list_of(choice));
  return o;
}

static json_object *chat_anthropic(const asked *a, const char *fault, const char *text,
                                   json_object *value) {
  static const char *const stops[][2] = {{"length", "max_tokens"},
                                         {"refusal", "refusal"},
                                         {"filtered", "refusal"},
                                         {"pause_turn", "pause_turn"},
                                         {"context_exceeded", "model_context_window_exceeded"}};
  json_object *o = json_object_new_object(), *block = json_object_new_object();
  const char *stop = a->tool ? "tool_use" : "end_turn";
  for (size_t i = 0; i < G_N_ELEMENTS(stops); i++)
    if (is(fault, stops[i][0])) stop = stops[i][1];
  put_text(block, "type", a->tool ? "tool_use" : "text");
  if (a->tool) {
    put_text(block, "id", "toolu_1");
    put_text(block, "name", a->tool);
    json_object_object_add(block, "input", json_object_get(value));
  } else {
    put_text(block, "text", text);
  }
  put_text(o, "id", "msg_1");
  put_text(o, "type", "message");
  put_text(o, "role", "assistant");
  put_text(o, "model", a->model);
  json_object_object_add(o, "content", list_of(block));
  put_text(o, "stop_reason", stop);
  put_text(o, "stop_sequence", NULL);
  return o;
}

static json_object *chat_ollama(const asked *a, const char *fault, const char *text) {
  json_object *o = json_object_new_object(), *message = json_object_new_object();
  put_text(message, "role", "assistant");
  put_text(message, "content", text);
  put_text(o, "model", a->model);
  put_text(o, "created_at", "2026-01-01T00:00:00Z");
  json_object_object_add(o, "message", message);
  json_object_object_add(o, "done", json_object_new_boolean(1));
  put_text(o, "done_reason", is(fault, "length") ? "length" : "stop");
  return o;
}

static void put_usage(json_object *o, const asked *a, int64_t out) {
  json_object *usage = json_object_new_object();
  if (a->dialect == DIALECT_OLLAMA) {
    put(o, "prompt_eval_count", a->in_tokens);
    if (!a->embeds) put(o, "eval_count", out);
    json_object_put(usage);
    return;
  }
  bool openai = a->dialect == DIALECT_OPENAI;
  put(usage, openai ? "prompt_tokens" : "input_tokens", a->in_tokens);
  if (!a->embeds) put(usage, openai ? "completion_tokens" : "output_tokens", out);
  if (openai) put(usage, "total_tokens", a->in_tokens + out);
  json_object_object_add(o, "usage", usage);
}

/* A unit vector out of a hash. */
static json_object *make_vector(uint64_t hash, int64_t dim, bool zero) {
  json_object *v = json_object_new_array();
  double sum = 0;
  for (int64_t i = 0; i < dim; i++) {
    double x = (double)(rng_random(5, "v", hash + (uint64_t)i) >> 40) / (1 << 24) - 0.5;
    sum += x * x;
  }
  for (int64_t i = 0; i < dim; i++) {
    double x = (double)(rng_random(5, "v", hash + (uint64_t)i) >> 40) / (1 << 24) - 0.5;
    json_object_array_add(v, json_object_new_double(zero ? 0 : x / sqrt(sum)));
  }
  return v;
}

static json_object *embed(const asked *a, const char *fault) {
  json_object *o = json_object_new_object(), *data = json_object_new_array();
  bool openai = a->dialect == DIALECT_OPENAI;
  guint n = a->contents->len, left_out = is(fault, "missing_item") ? 1 : 0;
  for (guint k = left_out; k < n; k++) {
    guint i = openai && is(fault, "permuted") ? n - 1 - k : k;
    json_object *v =
        make_vector(g_array_index(a->contents, uint64_t, i),
                    a->dim + (is(fault, "wrong_dim") ? 1 : 0), is(fault, "zero_vector"));
    json_object *item = openai ? json_object_new_object() : v;
    if (openai) {
      put_text(item, "object", "embedding");
      put(item, "index", i);
      json_object_object_add(item, "embedding", v);
    }
    json_object_array_add(data, item);
  }
  put_text(o, "model", is(fault, "other_model") ? "another-model" : a->model);
  if (openai) put_text(o, "object", "list");
  json_object_object_add(o, openai ? "data" : "embeddings", data);
  return o;
}

static json_object *chat(const asked *a, const char *fault, bool obey, int64_t *ret_out) {
  maker m = {.fault = fault, .obey = obey ? a->words : NULL, .hash = a->hash};
  json_object *value = a->schema ? make_value(&m, a->schema, 0) : NULL;
  g_autofree char *plain =
      a->schema ? g_strdup(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN))
                : make_string(&m);
  g_autofree char *text = is(fault, "extra_prose")  ? g_strdup_printf("Sure! %s Voila.", plain)
                          : is(fault, "length")     ? g_strndup(plain, strlen(plain) / 2)
                          : is(fault, "refusal")    ? g_strdup("I cannot help with that.")
                          : is(fault, "empty_text") ? g_strdup("")
                                                    : g_strdup(plain);
  json_object *o = a->dialect == DIALECT_OPENAI      ? chat_openai(a, fault, text)
                   : a->dialect == DIALECT_ANTHROPIC ? chat_anthropic(a, fault, text, value)
                                                     : chat_ollama(a, fault, text);
  *ret_out = MIN(1 + (int64_t)strlen(text) / 4, a->max_tokens);
  if (value) json_object_put(value);
  return o;
}

answered answer_make(const asked *a, const char *fault, bool obey) {
  int64_t out = 0;
  json_object *o = a->embeds ? embed(a, fault) : chat(a, fault, obey, &out);
  if (!is(fault, "no_usage")) put_usage(o, a, out);
  answered r = {.in_tokens = a->in_tokens, .out_tokens = out};
  r.body = g_string_new(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
  json_object_put(o);
  return r;
}

GString *answer_error(int dialect, const char *type, const char *code, const char *message) {
  json_object *o = json_object_new_object(), *error = json_object_new_object();
  bool spent = is(code, "insufficient_quota") && dialect == DIALECT_ANTHROPIC;
  put_text(error, "type", type);
  put_text(error, "message", message);
  if (dialect == DIALECT_OPENAI) put_text(error, "code", code);
  if (spent) {
    json_object *details = json_object_new_object();
    put_text(details, "error_code", "enforced_spend_limit_reached");
    json_object_object_add(error, "details", details);
  }
  if (dialect == DIALECT_ANTHROPIC) put_text(o, "type", "error");
  if (dialect == DIALECT_OLLAMA) {
    put_text(o, "error", message);
    json_object_put(error);
  } else {
    json_object_object_add(o, "error", error);
  }
  GString *s = g_string_new(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
  json_object_put(o);
  return s;
}
