/* convert.c - makes a model file (model.h) of the TensorFlow.js package: reads
 * model.json, the shards it names and vocab.json, checks every shape, writes one
 * aligned file. Not installed; autogen.sh runs it once.
 *
 *   convert FOLDER ORIGIN OUT     FOLDER: where model.json lies
 *                                 ORIGIN: package, version and hash, kept in the file */
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static int fail(const char *what, const char *which) {
  fprintf(stderr, "convert: %s: %s\n", which, what);
  return 1;
}

static char *join(const char *folder, const char *name) {
  size_t size = strlen(folder) + strlen(name) + 2;
  char *path = malloc(size);
  if (path) snprintf(path, size, "%s/%s", folder, name);
  return path;
}

static struct json_object *get(struct json_object *from, const char *key, json_type type) {
  struct json_object *value = NULL;
  if (!json_object_object_get_ex(from, key, &value) || !json_object_is_type(value, type))
    return NULL;
  return value;
}

/* ---- weights: all shards of the one group, one after another ---- */

typedef struct bytes {
  unsigned char *data;
  size_t used;
} bytes;

static int read_file(const char *path, bytes *to) {
  FILE *file = fopen(path, "rb");
  if (!file) return fail("cannot be opened", path);
  unsigned char part[65536];
  for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;) {
    unsigned char *grown = realloc(to->data, to->used + n);
    if (!grown) break;
    memcpy(grown + to->used, part, n);
    to->data = grown;
    to->used += n;
  }
  int bad = !feof(file);
  fclose(file);
  return bad ? fail("cannot be read", path) : 0;
}

static int read_shards(const char *folder, struct json_object *group, bytes *to) {
  struct json_object *paths = get(group, "paths", json_type_array);
  int bad = !paths;
  for (size_t i = 0; !bad && i < json_object_array_length(paths); i++) {
    const char *name = json_object_get_string(json_object_array_get_idx(paths, i));
    char *path = name && !strchr(name, '/') ? join(folder, name) : NULL;
    bad = path ? read_file(path, to) : fail("a shard has no plain name", "model.json");
    free(path);
  }
  return bad;
}

/* ---- which weight is which tensor ---- */

static int ends_with(const char *text, const char *end) {
  size_t a = strlen(text), b = strlen(end);
  return a >= b && strcmp(text + a - b, end) == 0;
}

static int find_tensor(const char *name) {
  for (int i = 0; i < MODEL_TENSORS; i++)
    if (ends_with(name, model_tensors[i].name)) return i;
  return -1;
}

/* Numbers in a weight: the product of its shape. */
static uint64_t weight_count(struct json_object *weight) {
  struct json_object *shape = get(weight, "shape", json_type_array);
  uint64_t count = 1;
  for (size_t i = 0; shape && i < json_object_array_length(shape); i++)
    count *= (uint64_t)json_object_get_int64(json_object_array_get_idx(shape, i));
  return count;
}

/* Where each tensor lies in the shards' bytes. */
static int find_weights(struct json_object *group, size_t size, uint64_t *ret_at) {
  struct json_object *weights = get(group, "weights", json_type_array);
  uint64_t at = 0;
  int found = 0;
  for (size_t i = 0; weights && i < json_object_array_length(weights); i++) {
    struct json_object *weight = json_object_array_get_idx(weights, i);
    const char *name = json_object_get_string(get(weight, "name", json_type_string));
    const char *type = json_object_get_string(get(weight, "dtype", json_type_string));
    uint64_t count = weight_count(weight);
    if (!name || !type || count > size || at + count * 4 > size)
      return fail("a weight lies outside the shards", "model.json");
    int which = find_tensor(name);
    if (which >= 0) {
      if (strcmp(type, "float32") != 0 || get(weight, "quantization", json_type_object) ||
          count != (uint64_t)model_tensors[which].rows * model_tensors[which].columns)
        return fail("is of another shape or type than this model's", name);
      ret_at[which] = at;
      found++;
    }
    at += count * 4;
  }
  return found == MODEL_TENSORS ? 0
                                : fail("a weight is missing, or one is there twice", "model.json");
}

/* ---- writing ---- */

typedef struct writer {
  FILE *file;
  uint64_t at;
} writer;

static void put(writer *w, const void *data, uint64_t size) {
  fwrite(data, 1, size, w->file);
  w->at += size;
}

/* The next aligned place. */
static uint64_t align(writer *w) {
  static const char zeros[MODEL_ALIGN];
  put(w, zeros, (MODEL_ALIGN - w->at % MODEL_ALIGN) % MODEL_ALIGN);
  return w->at;
}

static int put_pieces(writer *w, struct json_object *vocabulary, model_head *h) {
  size_t count = json_object_array_length(vocabulary);
  h->pieces = (uint32_t)count;
  h->scores = align(w);
  for (size_t i = 0; i < count; i++) {
    struct json_object *piece = json_object_array_get_idx(vocabulary, i);
    if (!json_object_is_type(piece, json_type_array) || json_object_array_length(piece) != 2)
      return fail("is no list of pieces and scores", "vocab.json");
    double score = json_object_get_double(json_object_array_get_idx(piece, 1));
    put(w, &score, sizeof score);
  }
  h->starts = align(w);
  uint32_t start = 0;
  put(w, &start, sizeof start);
  for (size_t i = 0; i < count; i++) {
    struct json_object *piece = json_object_array_get_idx(vocabulary, i);
    start += (uint32_t)json_object_get_string_len(json_object_array_get_idx(piece, 0));
    put(w, &start, sizeof start);
  }
  h->text = w->at;
  h->text_bytes = start;
  for (size_t i = 0; i < count; i++) {
    struct json_object *text =
        json_object_array_get_idx(json_object_array_get_idx(vocabulary, i), 0);
    put(w, json_object_get_string(text), (uint64_t)json_object_get_string_len(text));
  }
  return 0;
}

static int write_model(const char *path, const char *origin, const bytes *weights,
                       const uint64_t *at, struct json_object *vocabulary) {
  model_head h = {.magic = MODEL_MAGIC, .version = MODEL_VERSION};
  snprintf(h.origin, sizeof h.origin, "%s", origin);
  writer w = {.file = fopen(path, "wb")};
  if (!w.file) return fail("cannot be created", path);
  put(&w, &h, sizeof h);
  for (int i = 0; i < MODEL_TENSORS; i++) {
    h.tensor[i] = align(&w);
    put(&w, weights->data + at[i], 4ull * model_tensors[i].rows * model_tensors[i].columns);
  }
  int bad = put_pieces(&w, vocabulary, &h);
  h.bytes = w.at;
  rewind(w.file);
  fwrite(&h, sizeof h, 1, w.file);
  if (ferror(w.file)) bad = fail("cannot be written", path);
  if (fclose(w.file) != 0) bad = fail("cannot be written", path);
  return bad;
}

/* ---- the whole ---- */

static int convert(const char *folder, const char *origin, const char *out) {
  bytes weights = {0};
  uint64_t at[MODEL_TENSORS] = {0};
  char *model_path = join(folder, "model.json"), *pieces_path = join(folder, "vocab.json");
  struct json_object *graph = model_path ? json_object_from_file(model_path) : NULL;
  struct json_object *vocabulary = pieces_path ? json_object_from_file(pieces_path) : NULL;
  struct json_object *groups = get(graph, "weightsManifest", json_type_array);
  int bad = 0;
  if (!groups || json_object_array_length(groups) != 1)
    bad = fail("is no TensorFlow.js model with one group of weights", model_path);
  else if (!json_object_is_type(vocabulary, json_type_array))
    bad = fail("is no vocabulary", pieces_path);
  struct json_object *group = bad ? NULL : json_object_array_get_idx(groups, 0);
  if (!bad) bad = read_shards(folder, group, &weights);
  if (!bad) bad = find_weights(group, weights.used, at);
  if (!bad) bad = write_model(out, origin, &weights, at, vocabulary);
  if (bad) remove(out);
  json_object_put(graph);
  json_object_put(vocabulary);
  free(model_path);
  free(pieces_path);
  free(weights.data);
  return bad;
}

int main(int argc, char **argv) {
  if (argc != 4 || strlen(argv[2]) >= MODEL_ORIGIN) {
    fputs("usage: convert FOLDER ORIGIN OUT\n", stderr);
    return 2;
  }
  return convert(argv[1], argv[2], argv[3]);
}
