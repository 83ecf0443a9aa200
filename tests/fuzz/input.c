/* input.c (fuzz) - the core's reader on bytes of any kind, as lines and as the
 * items of a JSON list, plain, compressed and out of an archive: nothing may
 * crash, leak or hang; blocks are in order and whole; a second reading gives the
 * same, error for error. */
#include "clio-build.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input.h"
#include "replay.h"

static const char *const members[] = {"conversations*.json", NULL};

static void check_block(const input_block *b, uint64_t *last, GString *all) {
  replay_require(all->len == 0 || b->number > *last, "blocks out of order");
  *last = b->number;
  if (b->items) replay_require(b->length && b->bytes[b->length - 1] == '\n', "an item without end");
  g_string_append_printf(all, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT ":",
                         b->number, b->first_line, b->too_long);
  g_string_append_len(all, b->bytes, (gssize)b->length);
}

/* All that one pass gives, its error behind it. */
static GString *read_pass(input *in) {
  GString *all = g_string_new(NULL);
  uint64_t last = 0;
  for (;;) {
    error e = {0};
    input_block *b = NULL;
    clio_status s = input_next(in, &b, &e);
    if (s != CLIO_OK) g_string_append(all, e.text);
    replay_require(s == CLIO_OK || *e.text, "an error without a word");
    if (!b) return all;
    check_block(b, &last, all);
    input_block_free(b);
  }
}

static void check_input(const char *path, bool items) {
  input_options o = input_default_options;
  error e = {0};
  input *in = NULL;
  o.items = items;
  o.members = items ? members : NULL;
  o.record_max = 64;
  o.caps.file_bytes = 4 << 20;
  if (input_open(path, &o, &in, &e) != CLIO_OK) {
    replay_require(*e.text, "an error without a word");
    return;
  }
  GString *first = read_pass(in);
  replay_require(input_rewind(in, &e) == CLIO_OK, "it cannot be read twice");
  GString *second = read_pass(in);
  replay_require(g_string_equal(first, second), "the second reading differs");
  g_string_free(first, TRUE);
  g_string_free(second, TRUE);
  input_close(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  replay_require(fd >= 0 && write(fd, bytes, length) == (ssize_t)length, "no file in memory");
  g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
  check_input(path, false);
  check_input(path, true);
  close(fd);
  return 0;
}

#ifndef CLIO_LIBFUZZER
int main(int argc, char **argv) { return replay_main(argc, argv, "input-corpus"); }
#endif
