/* column.c (fuzz) - column files of any bytes: mapping one may refuse it, and what
 * it takes can be read from end to end, gathered and written again without a step
 * outside the file.
 *
 * With clang and -DCLIO_LIBFUZZER -fsanitize=fuzzer it is a libFuzzer target; else a
 * program that changes good files of every type, byte by byte and at random from a
 * fixed seed, and reads the files it is given. */
#include "clio-build.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "column_file.h"
#include "util.h"

static char *folder;

static void require(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken: %s\n", what);
  abort();
}

static uint64_t add_bytes(const void *bytes, size_t length) {
  const unsigned char *p = bytes;
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) sum += p[i];
  return sum;
}

/* Every byte that a reader may touch. */
static uint64_t touch(const column *c) {
  uint64_t sum = 0;
  size_t width = type_width(c->type, c->dim);
  if (width) sum += add_bytes(c->data, c->rows * width);
  for (uint64_t row = 0; row < c->rows; row++) {
    sum += column_is_null(c, row);
    if (width) continue;
    int64_t from = c->offsets[row], to = c->offsets[row + 1];
    if (c->type == CLIO_T_LIST) {
      from = c->items[from];
      to = c->items[to];
    }
    sum += add_bytes((const char *)c->data + from, (size_t)(to - from));
  }
  return sum;
}

static void write_again(column *c) {
  g_autofree char *path = g_build_filename(folder, "again", NULL);
  error e = {0};
  column *same = NULL;
  c->sha256[0] = '\0';
  g_unlink(path);
  require(column_file_write(path, c, &e) == CLIO_OK, "a mapped column cannot be written");
  require(column_file_map(path, c->name, c->sha256, &same, &e) == CLIO_OK,
          "a written column cannot be mapped");
  require(touch(same) == touch(c), "a column changed on its way");
  column_unref(same);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  if (!folder) folder = g_dir_make_tmp("clio-column-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "column", NULL);
  if (!g_file_set_contents_full(path, (const char *)bytes, (gssize)length, G_FILE_SET_CONTENTS_NONE,
                                0600, NULL))
    return 0;
  error e = {0};
  column *c = NULL;
  clio_status s = column_file_map(path, "c", NULL, &c, &e);
  require((s == CLIO_OK) == (c != NULL), "the status and the column disagree");
  if (!c) return 0;
  uint64_t pick[] = {0};
  clio_table *t = table_new(CLIO_ROWS_CLUSTER, c->rows);
  table_take_column(t, column_ref(c));
  table_unref(c->rows ? table_gather(t, pick, 1, NULL) : NULL);
  static unsigned taken; /* each one written is synced, which takes its time */
  if (taken++ % 16 == 0) write_again(c);
  table_unref(t);
  column_unref(c);
  return 0;
}

#ifndef CLIO_LIBFUZZER
static column *sample(clio_type type, uint64_t rows) {
  uint32_t dim = type == CLIO_T_VEC ? 3 : 0;
  column *c = column_new("c", type, dim, rows, rows * 4, rows * 2, true, NULL);
  for (uint64_t i = 0; i < rows; i++) {
    if (i % 3) c->valid[i >> 3] |= (uint8_t)(1u << (i & 7));
    if (c->offsets) c->offsets[i + 1] = (int64_t)(type == CLIO_T_LIST ? 2 * (i + 1) : 4 * (i + 1));
  }
  for (uint64_t i = 0; c->items && i < rows * 2; i++) c->items[i + 1] = (int64_t)(2 * (i + 1));
  return c;
}

static char *sample_file(clio_type type, uint64_t rows, gsize *ret_length) {
  g_autofree char *path = g_build_filename(folder, "sample", NULL);
  error e = {0};
  column *c = sample(type, rows);
  char *bytes = NULL;
  g_unlink(path);
  require(column_file_write(path, c, &e) == CLIO_OK, "a sample cannot be written");
  require(g_file_get_contents(path, &bytes, ret_length, NULL), "a sample cannot be read");
  column_unref(c);
  return bytes;
}

static uint64_t next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 33;
}

/* One byte set to each of some values; cut short; several bytes at random. */
static unsigned change(const char *good, gsize length, uint64_t *state) {
  static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
  unsigned runs = 0;
  g_autofree char *bad = g_malloc(length + 64);
  for (gsize at = 0; at < MIN(length, 200); at++)
    for (size_t v = 0; v < sizeof values; v++, runs++) {
      memcpy(bad, good, length);
      bad[at] = (char)values[v];
      LLVMFuzzerTestOneInput((const uint8_t *)bad, length);
    }
  for (gsize cut = 0; cut < length; cut += 13, runs++)
    LLVMFuzzerTestOneInput((const uint8_t *)good, cut);
  for (int i = 0; i < 100; i++, runs++) {
    memcpy(bad, good, length);
    for (uint64_t n = 1 + next(state) % 6; n; n--) bad[next(state) % length] = (char)next(state);
    LLVMFuzzerTestOneInput((const uint8_t *)bad, length);
  }
  return runs;
}

int main(int argc, char **argv) {
  unsigned runs = 0;
  uint64_t state = 1;
  folder = g_dir_make_tmp("clio-column-XXXXXX", NULL);
  for (clio_type type = CLIO_T_I64; type <= CLIO_T_TIME && argc == 1; type++)
    for (uint64_t rows = 0; rows < 20; rows += 9) {
      gsize length;
      g_autofree char *good = sample_file(type, rows, &length);
      runs += change(good, length, &state);
    }
  for (int i = 1; i < argc; i++) {
    g_autofree char *bytes = NULL;
    gsize length = 0;
    if (!g_file_get_contents(argv[i], &bytes, &length, NULL)) continue;
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
    runs++;
  }
  error e = {0};
  remove_tree(folder, &e);
  printf("%u files\n", runs);
  return runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
