/* clio_test_json.c - rows of the bench from JSON text and back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

/* ---- schema: "id:utf8 vector:vec4<request language:utf8?*" ---- */

static const struct {
  const char *name;
  clio_type type;
} type_names[] = {{"bool", CLIO_T_BOOL}, {"i64", CLIO_T_I64},   {"f64", CLIO_T_F64},
                  {"time", CLIO_T_TIME}, {"utf8", CLIO_T_UTF8}, {"list", CLIO_T_LIST},
                  {"vec", CLIO_T_VEC}};

const char *bench_type_text(clio_type type, uint32_t dim, char *buffer, uint64_t size) {
  const char *name = "any";
  for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
    if (type_names[i].type == type) name = type_names[i].name;
  if (type == CLIO_T_VEC && dim)
    snprintf(buffer, size, "vec%u", dim);
  else
    snprintf(buffer, size, "%s", name);
  return buffer;
}

static clio_privacy usual_class(clio_row_kind kind, const char *name) {
  static const char *const raw[] = {"id", "role", "content", "sent", "metadata"};
  if (kind == CLIO_ROWS_BLOCK) return CLIO_P_RAW;
  if (kind == CLIO_ROWS_RUN) return CLIO_P_RELEASED;
  if (kind != CLIO_ROWS_CONVERSATION) return CLIO_P_GROUPED;
  for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
    if (strcmp(raw[i], name) == 0) return CLIO_P_RAW;
  return CLIO_P_DERIVED;
}

/* One word of a schema, cut up in place, into an empty column. */
static void schema_word(char *word, clio_row_kind kind, uint64_t rows, bench_column *ret) {
  char *colon = strchr(word, ':');
  if (!colon) bench_misuse("schema: '%s' is not name:type", word);
  *colon = '\0';
  char *type = colon + 1, *of = strchr(type, '<');
  if (of) *of++ = '\0';
  uint32_t flags = 0;
  for (char *mark = type; *mark; mark++) {
    if (*mark != '?' && *mark != '*') continue;
    flags |= *mark == '?' ? CLIO_COL_NULLABLE : CLIO_COL_FACET;
  }
  type[strcspn(type, "?*")] = '\0';
  uint32_t dim = strncmp(type, "vec", 3) == 0 ? (uint32_t)strtoul(type + 3, NULL, 10) : 0;
  if (dim) type[3] = '\0';
  clio_type found = CLIO_T_ANY;
  for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
    if (strcmp(type_names[i].name, type) == 0) found = type_names[i].type;
  if (found == CLIO_T_ANY || (found == CLIO_T_VEC) != (dim > 0))
    bench_misuse("schema: column '%s' has the unknown type '%s'", word, type);
  bench_column_init(ret, word, found, dim, rows);
  ret->of = bench_copy(of);
  ret->flags = flags;
  ret->privacy = usual_class(kind, word);
}

static uint32_t schema_count(const char *schema) {
  uint32_t count = 0;
  for (const char *at = schema + strspn(schema, " "); *at; at += strspn(at, " ")) {
    at += strcspn(at, " ");
    count++;
  }
  return count;
}

static void schema_columns(const char *schema, clio_table *table) {
  char *copy = bench_copy(schema), *at = copy;
  for (uint32_t i = 0; i < table->count; i++) {
    at += strspn(at, " ");
    char *end = at + strcspn(at, " ");
    char *next = *end ? end + 1 : end;
    *end = '\0';
    schema_word(at, table->kind, table->rows, &table->columns[i]);
    at = next;
  }
  free(copy);
}

/* ---- cells from JSON ---- */

static void load_vec(bench_column *c, uint64_t row, json_object *value) {
  if (json_object_array_length(value) != c->dim)
    bench_misuse("column '%s', row %llu: want %u numbers", c->name, (unsigned long long)row,
                 c->dim);
  float *to = (float *)(void *)c->data + row * c->dim;
  for (uint32_t i = 0; i < c->dim; i++)
    to[i] = (float)json_object_get_double(json_object_array_get_idx(value, i));
}

static void load_list(bench_column *c, uint64_t row, json_object *value) {
  bench_column_list(c, row);
  for (size_t i = 0; i < json_object_array_length(value); i++) {
    json_object *item = json_object_array_get_idx(value, i);
    bench_column_item(c, json_object_get_string(item), (uint64_t)json_object_get_string_len(item));
  }
}

static bool fits(clio_type type, json_type is) {
  switch (type) {
  case CLIO_T_BOOL: return is == json_type_boolean;
  case CLIO_T_I64:
  case CLIO_T_TIME: return is == json_type_int;
  case CLIO_T_F64: return is == json_type_int || is == json_type_double;
  case CLIO_T_UTF8: return is == json_type_string;
  default: return is == json_type_array;
  }
}

static void load_cell(bench_column *c, uint64_t row, json_object *value) {
  if (!value) {
    bench_column_null(c, row);
    return;
  }
  if (!fits(c->type, json_object_get_type(value)))
    bench_misuse("column '%s', row %llu: the value does not fit the schema", c->name,
                 (unsigned long long)row);
  int64_t whole = c->type == CLIO_T_F64 ? 0 : json_object_get_int64(value);
  double real = json_object_get_double(value);
  switch (c->type) {
  case CLIO_T_BOOL: c->data[row] = (char)json_object_get_boolean(value); break;
  case CLIO_T_I64:
  case CLIO_T_TIME: memcpy(c->data + row * 8, &whole, 8); break;
  case CLIO_T_F64: memcpy(c->data + row * 8, &real, 8); break;
  case CLIO_T_UTF8:
    bench_column_put(c, row, json_object_get_string(value),
                     (uint64_t)json_object_get_string_len(value));
    break;
  case CLIO_T_VEC: load_vec(c, row, value); break;
  default: load_list(c, row, value);
  }
}

static void check_keys(const clio_table *table, json_object *row) {
  json_object_object_foreach(row, key, unused) {
    (void)unused;
    if (bench_table_number(table, key) < 0)
      bench_misuse("the rows have '%s', the schema has not", key);
  }
}

clio_table *bench_json_table(clio_test *t, clio_row_kind kind, const char *schema,
                             const char *rows) {
  json_object *list = json_tokener_parse(rows);
  if (json_object_get_type(list) != json_type_array)
    bench_misuse("rows are not a JSON array of objects: %.60s", rows);
  uint64_t count = json_object_array_length(list);
  clio_table *table = bench_table_new(t, kind, count, schema_count(schema));
  schema_columns(schema, table);
  for (uint64_t r = 0; r < count; r++) {
    json_object *row = json_object_array_get_idx(list, (size_t)r);
    if (json_object_get_type(row) != json_type_object)
      bench_misuse("row %llu is not an object", (unsigned long long)r);
    check_keys(table, row);
    for (uint32_t c = 0; c < table->count; c++) {
      json_object *value = NULL;
      json_object_object_get_ex(row, table->columns[c].name, &value);
      load_cell(&table->columns[c], r, value);
    }
  }
  for (uint32_t c = 0; c < table->count; c++) bench_column_seal(&table->columns[c]);
  json_object_put(list);
  return table;
}

/* ---- cells to JSON ---- */

/* The shortest of two precisions that reads back as the same number. */
static json_object *number(double value, int digits, int more) {
  char text[40];
  snprintf(text, sizeof text, "%.*g", digits, value);
  bool same = digits < 10 ? (float)strtod(text, NULL) == (float)value : strtod(text, NULL) == value;
  if (!same) snprintf(text, sizeof text, "%.*g", more, value);
  return json_object_new_double_s(value, text);
}

static json_object *string(const bench_column *c, int64_t start, int64_t end) {
  return json_object_new_string_len(c->data + start, (int)(end - start));
}

static json_object *vec(const bench_column *c, uint64_t row) {
  json_object *list = json_object_new_array();
  const float *from = (const float *)(const void *)c->data + row * c->dim;
  for (uint32_t i = 0; i < c->dim; i++) json_object_array_add(list, number((double)from[i], 6, 9));
  return list;
}

static json_object *cell(const bench_column *c, uint64_t row) {
  if (!bench_column_valid(c, row)) return NULL;
  int64_t whole = 0;
  double real = 0;
  switch (c->type) {
  case CLIO_T_BOOL: return json_object_new_boolean(c->data[row]);
  case CLIO_T_I64:
  case CLIO_T_TIME: memcpy(&whole, c->data + row * 8, 8); return json_object_new_int64(whole);
  case CLIO_T_F64: memcpy(&real, c->data + row * 8, 8); return number(real, 15, 17);
  case CLIO_T_UTF8: return string(c, c->offsets[row], c->offsets[row + 1]);
  case CLIO_T_VEC: return vec(c, row);
  default: break;
  }
  json_object *list = json_object_new_array();
  for (int64_t i = c->offsets[row]; i < c->offsets[row + 1]; i++)
    json_object_array_add(list, string(c, c->items[i], c->items[i + 1]));
  return list;
}

/* Adds the columns named in `columns` (NULL: those added) of one row. */
static json_object *row_object(const clio_table *table, const char *columns, uint64_t row) {
  json_object *object = json_object_new_object();
  for (uint32_t c = 0; !columns && c < table->count; c++) {
    const bench_column *column = &table->columns[c];
    if (column->added) json_object_object_add(object, column->name, cell(column, row));
  }
  for (const char *at = columns; at && *at; at += strspn(at, " ")) {
    char name[128];
    size_t len = strcspn(at, " ");
    snprintf(name, sizeof name, "%.*s", (int)len, at);
    const bench_column *column = bench_table_find(table, name);
    if (!column) bench_misuse("the output has no column '%s'", name);
    json_object_object_add(object, name, cell(column, row));
    at += len;
  }
  return object;
}

void bench_json_print(const clio_table *table, const char *columns, bench_text *to) {
  bench_append(to, "[", 1);
  for (uint64_t r = 0; r < table->rows; r++) {
    json_object *object = row_object(table, columns, r);
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                                  JSON_C_TO_STRING_NOSLASHESCAPE);
    if (r) bench_append(to, ",\n", 2);
    bench_append(to, text, strlen(text));
    json_object_put(object);
  }
  bench_append(to, "]", 1);
}
