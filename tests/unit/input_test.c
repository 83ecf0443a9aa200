/* input_test.c - input.c, lines.c and decode.c on files written here: what is
 * cut where, what is refused with which words, what a second pass gives. */
#include "clio-build.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "input.h"
#include "lines.h"
#include "unit.h"

static const uint64_t MIB = 1 << 20;
enum { LINE_MAX_BYTES = 16 << 20 };
static char *folder;

/* How the next inputs are opened; a test that changes it puts it back. */
static input_options options;

static char *path_of(const char *name) { return g_build_filename(folder, name, NULL); }

static char *write_file(const char *name, const void *bytes, size_t n) {
  char *path = path_of(name);
  CU_ASSERT_FATAL(g_file_set_contents(path, bytes, (gssize)n, NULL));
  return path;
}

static char *write_text(const char *name, const char *text) {
  return write_file(name, text, strlen(text));
}

static input *open_ok(const char *spec) {
  input *in = NULL;
  error e = {0};
  CU_ASSERT_EQUAL_FATAL(input_open(spec, &options, &in, &e), CLIO_OK);
  return in;
}

/* All blocks as text: "NUMBER@FIRST_LINE:BYTES|"; only for small inputs. */
static char *blocks_of(input *in) {
  GString *s = g_string_new(NULL);
  error e = {0};
  input_block *b = NULL;
  while (input_next(in, &b, &e) == CLIO_OK && b) {
    g_string_append_printf(s, "%" G_GUINT64_FORMAT "@%" G_GUINT64_FORMAT ":", b->number,
                           b->first_line);
    g_string_append_len(s, b->bytes, (gssize)b->length);
    g_string_append_c(s, '|');
    input_block_free(b);
  }
  CU_ASSERT_STRING_EQUAL(e.text, "");
  return g_string_free(s, FALSE);
}

static void expect_blocks(const char *spec, const char *wanted) {
  input *in = open_ok(spec);
  char *got = blocks_of(in);
  CU_ASSERT_STRING_EQUAL(got, wanted);
  g_free(got);
  input_close(in);
}

/* Reads to the end or the first error, whose text must hold `words`. */
static void expect_refusal(const char *spec, clio_status status, const char *words) {
  input *in = NULL;
  error e = {0};
  clio_status s = input_open(spec, &options, &in, &e);
  for (input_block *b = NULL; s == CLIO_OK;) {
    s = input_next(in, &b, &e);
    if (!b) break;
    input_block_free(b);
  }
  CU_ASSERT_EQUAL(s, status);
  CU_ASSERT_PTR_NOT_NULL(strstr(e.text, words));
  if (!strstr(e.text, words)) g_printerr("\n'%s' lacks '%s'\n", e.text, words);
  input_close(in);
}

static GByteArray *gzip(const void *bytes, size_t n, int level) {
  z_stream z = {0};
  CU_ASSERT_FATAL(deflateInit2(&z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  GByteArray *out = g_byte_array_new();
  g_byte_array_set_size(out, (guint)deflateBound(&z, n) + 64);
  z.next_in = (Bytef *)(uintptr_t)bytes;
  z.avail_in = (uInt)n;
  z.next_out = out->data;
  z.avail_out = out->len;
  CU_ASSERT_FATAL(deflate(&z, Z_FINISH) == Z_STREAM_END);
  g_byte_array_set_size(out, (guint)z.total_out);
  deflateEnd(&z);
  return out;
}

static void test_lines(void) {
  char *p = write_text("a.jsonl", "one\ntwo\r\nthree");
  expect_blocks(p, "0@1:one\ntwo\r\nthree|");
  g_free(p);
  p = write_text("empty.jsonl", "");
  expect_blocks(p, "");
  g_free(p);
  p = write_text("bom.jsonl", "\xef\xbb\xbfone\n");
  expect_blocks(p, "0@1:one\n|");
  g_free(p);
  p = write_text("onlybom.jsonl", "\xef\xbb\xbf");
  expect_blocks(p, "");
  g_free(p);
  p = write_text("u2028.jsonl", "a\xe2\x80\xa8"
                                "b\xc2\x85"
                                "c\n\n\n");
  expect_blocks(p, "0@1:a\xe2\x80\xa8"
                   "b\xc2\x85"
                   "c\n\n\n|");
  g_free(p);
}

static void test_files(void) {
  g_free(write_text("g2.txt", "two\n"));
  g_free(write_text("G3.txt", "three\n"));
  g_free(write_text("g1.txt", ""));
  g_free(write_text("g\xc3\xa4.txt", "umlaut"));
  char *p = path_of("[gG]*.txt");
  expect_blocks(p, "0@1:three\n|1@1:two\n|2@1:umlaut|");
  g_free(p);
  p = write_text("odd*.log", "literal\n");
  expect_blocks(p, "0@1:literal\n|");
  g_free(p);
  p = path_of("nothing*.jsonl");
  expect_refusal(p, CLIO_E_IO, "no file matches input");
  g_free(p);
  p = path_of("missing.jsonl");
  expect_refusal(p, CLIO_E_IO, "missing.jsonl: No such file");
  g_free(p);
  expect_refusal(folder, CLIO_E_INPUT, "is a folder; name its files");
  expect_refusal("", CLIO_E_INPUT, "name is empty");
}

/* Lines of `length` bytes with their LF, `n` of them. */
static char *many_lines(size_t n, size_t length) {
  char *text = g_malloc(n * length + 1);
  for (size_t i = 0; i < n; i++) {
    g_snprintf(text + i * length, 16, "%08zu", i);
    memset(text + i * length + 8, 'x', length - 9);
    text[(i + 1) * length - 1] = '\n';
  }
  text[n * length] = 0;
  return text;
}

/* The same with letters that do not compress to nothing. */
static char *noisy_lines(size_t n, size_t length) {
  char *text = many_lines(n, length);
  uint32_t state = 1;
  for (size_t i = 0; i < n * length; i++) {
    state = state * 1664525u + 1013904223u;
    if (text[i] == 'x') text[i] = (char)('a' + (state >> 24) % 26);
  }
  return text;
}

/* Every block holds exactly the lines that start in its MiB. */
static void expect_cuts(const char *spec, const char *text, size_t n) {
  input *in = open_ok(spec);
  error e = {0};
  size_t at = 0;
  uint64_t line = 1;
  for (input_block *b = NULL; input_next(in, &b, &e) == CLIO_OK && b; input_block_free(b)) {
    size_t end = at;
    uint64_t starts = 0;
    while (end < n && end / MIB == b->number) {
      const char *lf = memchr(text + end, '\n', n - end);
      end = lf ? (size_t)(lf - text) + 1 : n;
      starts++;
    }
    CU_ASSERT_EQUAL(b->number, at / MIB);
    CU_ASSERT_EQUAL(b->first_line, line);
    CU_ASSERT_EQUAL(b->length, end - at);
    CU_ASSERT_EQUAL(memcmp(b->bytes, text + at, b->length), 0);
    at = end;
    line += starts;
  }
  CU_ASSERT_STRING_EQUAL(e.text, "");
  CU_ASSERT_EQUAL(at, n);
  char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, n);
  CU_ASSERT_PTR_NOT_NULL_FATAL(input_sha256(in));
  CU_ASSERT_STRING_EQUAL(input_sha256(in), sum);
  uint64_t done = 0, total = 0;
  input_progress(in, &done, &total);
  CU_ASSERT_EQUAL(done, total);
  g_free(sum);
  input_close(in);
}

static void test_blocks(void) {
  static const size_t lengths[] = {16, 1000, 4096, 65536, 300001, 1048576, 1048577, 5000000};
  for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
    size_t n = 6 * MIB / lengths[i] + 2;
    char *text = many_lines(n, lengths[i]);
    size_t cut = n * lengths[i] - 3; /* the last line has no end */
    char *p = write_file("blocks.jsonl", text, cut);
    expect_cuts(p, text, cut);
    g_free(p);
    g_free(text);
  }
}

static void test_compressed(void) {
  char *text = noisy_lines(5000, 900);
  size_t n = 5000 * 900, half = 2222222;
  GByteArray *z = gzip(text, half, 6), *z2 = gzip(text + half, n - half, 6);
  g_byte_array_append(z, z2->data, z2->len);
  char *p = write_file("two-members.data", z->data, z->len);
  expect_cuts(p, text, n);
  g_free(p);
  static const guint8 zeros[1000];
  g_byte_array_append(z, zeros, sizeof zeros);
  p = write_file("padded.data", z->data, z->len);
  expect_cuts(p, text, n);
  g_free(p);
  g_byte_array_append(z, (const guint8 *)"junk", 4);
  p = write_file("junk.gz", z->data, z->len);
  expect_refusal(p, CLIO_E_INPUT, "junk.gz is damaged: data after the last gzip member");
  g_free(p);
  p = write_file("short.gz", z2->data, z2->len - 9);
  expect_refusal(p, CLIO_E_INPUT, "short.gz is cut short");
  z2->data[z2->len / 2] ^= 0x55;
  g_free(p);
  p = write_file("broken.gz", z2->data, z2->len);
  expect_refusal(p, CLIO_E_INPUT, "broken.gz is damaged");
  g_free(p);
  g_byte_array_unref(z);
  g_byte_array_unref(z2);
  g_free(text);
}

static void test_zstd(void) {
  char *text = noisy_lines(5000, 900);
  size_t n = 5000 * 900, half = 1234567, room = ZSTD_compressBound(n);
  char *z = g_malloc(2 * room);
  size_t first = ZSTD_compress(z, room, text, half, 3);
  size_t both = first + ZSTD_compress(z + first, room, text + half, n - half, 3);
  char *p = write_file("two-frames.data", z, both);
  expect_cuts(p, text, n);
  g_free(p);
  p = write_file("short.zst", z, both - 5);
  expect_refusal(p, CLIO_E_INPUT, "short.zst is cut short");
  g_free(p);
  z[first / 2] ^= 0x55;
  z[first / 2 + 1] ^= 0x55;
  memset(z + first - 40, 0xee, 30);
  p = write_file("broken.zst", z, both);
  expect_refusal(p, CLIO_E_INPUT, "broken.zst is damaged");
  g_free(p);
  g_free(z);
  g_free(text);
}

static void test_bombs(void) {
  size_t n = 64 * MIB;
  char *zeros = g_malloc0(n);
  GByteArray *z = gzip(zeros, n, 9);
  char *p = write_file("bomb", z->data, z->len);
  expect_refusal(p, CLIO_E_INPUT, "bomb unpacks to more than 200 times its size");
  g_free(p);
  g_byte_array_unref(z);
  size_t room = ZSTD_compressBound(n);
  char *out = g_malloc(room);
  size_t used = ZSTD_compress(out, room, zeros, n, 3);
  p = write_file("bomb.zst", out, used);
  expect_refusal(p, CLIO_E_INPUT, "bomb.zst unpacks to more than 200 times its size");
  g_free(p);
  g_free(out);
  g_free(zeros);
}

/* The caps themselves, with small numbers. */
static void test_caps(void) {
  char *text = many_lines(4000, 1000);
  GByteArray *z = gzip(text, 4000 * 1000, 1);
  char *p = write_file("caps.gz", z->data, z->len);
  static const struct {
    decode_caps caps;
    const char *words;
  } cases[] = {{{3u << 20, 1ull << 40, 1000, NULL}, "unpacks to more than 3 MiB"},
               {{1ull << 40, 2u << 20, 1000, NULL}, "unpack to more than 0 GiB"},
               {{1ull << 40, 1ull << 40, 3, NULL}, "more than 3 times its size"}};
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    uint64_t run = 0;
    error e = {0};
    decoder *d = NULL;
    char bytes[4096];
    size_t got = 1;
    clio_status s = decode_new(g_open(p, O_RDONLY, 0), "caps.gz", &cases[i].caps, &run, &d, &e);
    while (s == CLIO_OK && got) s = decode_read(d, bytes, sizeof bytes, &got, &e);
    CU_ASSERT_EQUAL(s, CLIO_E_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, cases[i].words));
    decode_free(d);
  }
  g_free(p);
  g_byte_array_unref(z);
  g_free(text);
}

static void test_window(void) {
  size_t n = 300 * MIB, room = 1 << 20;
  ZSTD_CCtx *c = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, 28);
  char *out = g_malloc(room), *chunk = g_malloc0(MIB);
  ZSTD_outBuffer o = {out, room, 0};
  for (size_t i = 0; i < n / MIB; i++) {
    ZSTD_inBuffer in = {chunk, MIB, 0};
    ZSTD_compressStream2(c, &o, &in, i + 1 == n / MIB ? ZSTD_e_end : ZSTD_e_continue);
  }
  char *p = write_file("long.zst", out, o.pos);
  expect_refusal(p, CLIO_E_INPUT, "needs a zstd window of more than 128 MiB");
  g_free(p);
  ZSTD_freeCCtx(c);
  g_free(out);
  g_free(chunk);
}

static void test_foreign(void) {
  static const struct {
    const char *bytes, *words;
  } cases[] = {{"PK\3\4rest", "is a zip archive"},
               {"\xfd"
                "7zXZ....",
                "is xz-compressed"},
               {"BZh91AY", "is bzip2-compressed"},
               {"PAR1....", "is a Parquet file"},
               {"\xff\xfe{.", "is UTF-16 text"},
               {"\xfe\xff.{", "is UTF-16 text"}};
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    char *p = write_text("foreign", cases[i].bytes);
    expect_refusal(p, CLIO_E_INPUT, cases[i].words);
    g_free(p);
  }
}

/* A sparse file with one line of `middle` bytes between two short ones. */
static char *write_long_line(off_t middle) {
  char *p = path_of("long-line");
  int fd = g_open(p, O_RDWR | O_CREAT | O_TRUNC, 0600);
  CU_ASSERT_EQUAL_FATAL(write(fd, "first\n", 6), 6);
  CU_ASSERT_EQUAL_FATAL(pwrite(fd, "\nlast", 5, 6 + middle), 5);
  close(fd);
  return p;
}

static void test_long_lines(void) {
  char *p = write_long_line((off_t)LINE_MAX_BYTES + 1);
  expect_blocks(p, "0@1:first\n\n|16@3:last|");
  g_free(p);
  p = write_long_line((off_t)LINE_MAX_BYTES);
  input *in = open_ok(p);
  error e = {0};
  input_block *b = NULL;
  CU_ASSERT_EQUAL_FATAL(input_next(in, &b, &e), CLIO_OK);
  CU_ASSERT_EQUAL(b->length, 6 + (size_t)LINE_MAX_BYTES + 1);
  CU_ASSERT_EQUAL(b->too_long, 0);
  input_block_free(b);
  input_close(in);
  g_free(p);
}

/* One line of a GiB is never held. */
static void test_huge_line(void) {
  char *p = write_long_line((off_t)1 << 30);
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  input *in = open_ok(p);
  error e = {0};
  input_block *b = NULL;
  CU_ASSERT_EQUAL_FATAL(input_next(in, &b, &e), CLIO_OK);
  CU_ASSERT_EQUAL(b->too_long, 1);
  CU_ASSERT_EQUAL(b->length, 7);
  input_block_free(b);
  CU_ASSERT_EQUAL_FATAL(input_next(in, &b, &e), CLIO_OK);
  CU_ASSERT_EQUAL(b->number, 1024);
  CU_ASSERT_EQUAL(b->first_line, 3);
  CU_ASSERT_EQUAL(memcmp(b->bytes, "last", 4), 0);
  input_block_free(b);
  input_close(in);
  getrusage(RUSAGE_SELF, &after);
  CU_ASSERT(after.ru_maxrss - before.ru_maxrss < 128 << 10);
  g_unlink(p);
  g_free(p);
}

static void test_second_pass(void) {
  g_free(write_text("p1.txt", "one\ntwo\n"));
  g_free(write_text("p2.txt", "three\n"));
  char *p = path_of("p?.txt");
  input *in = open_ok(p);
  error e = {0};
  char *first = blocks_of(in), *sum = g_strdup(input_sha256(in));
  CU_ASSERT_EQUAL(input_rewind(in, &e), CLIO_OK);
  char *second = blocks_of(in);
  CU_ASSERT_STRING_EQUAL(first, "0@1:one\ntwo\n|1@1:three\n|");
  CU_ASSERT_STRING_EQUAL(first, second);
  CU_ASSERT_STRING_EQUAL(input_sha256(in), sum);
  CU_ASSERT_EQUAL(input_rewind(in, &e), CLIO_OK);
  g_free(write_text("p1.txt", "one\nTwo\n"));
  input_block *b = NULL;
  clio_status s = input_next(in, &b, &e);
  input_block_free(b);
  if (s == CLIO_OK) s = input_next(in, &b, &e);
  CU_ASSERT_EQUAL(s, CLIO_E_INPUT);
  CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "p1.txt changed between the first and the second reading"));
  input_close(in);
  g_free(sum);
  g_free(first);
  g_free(second);
  g_free(p);
}

/* The border between files counts: moving a line over it is another input. */
static void test_borders(void) {
  char *p = path_of("b?.txt");
  char *sums[2];
  static const char *const texts[2][2] = {{"one\n", "two\n"}, {"one\ntwo\n", ""}};
  for (int i = 0; i < 2; i++) {
    g_free(write_text("b1.txt", texts[i][0]));
    g_free(write_text("b2.txt", texts[i][1]));
    input *in = open_ok(p);
    CU_ASSERT_PTR_NULL(input_sha256(in));
    g_free(blocks_of(in));
    sums[i] = g_strdup(input_sha256(in));
    input_close(in);
  }
  CU_ASSERT_STRING_NOT_EQUAL(sums[0], sums[1]);
  g_free(sums[0]);
  g_free(sums[1]);
  g_free(p);
}

static gpointer feed_fifo(gpointer path) {
  int fd = g_open(path, O_WRONLY, 0);
  for (int i = 0; i < 100; i++) {
    char line[16];
    int n = g_snprintf(line, sizeof line, "line %d\n", i);
    if (write(fd, line, (size_t)n) != n) break;
  }
  close(fd);
  return NULL;
}

static void test_fifo(void) {
  char *p = path_of("pipe");
  CU_ASSERT_EQUAL_FATAL(mkfifo(p, 0600), 0);
  GThread *t = g_thread_new("feed", feed_fifo, p);
  input *in = open_ok(p);
  error e = {0};
  input_hold(in);
  char *first = blocks_of(in);
  g_thread_join(t);
  CU_ASSERT_EQUAL(input_rewind(in, &e), CLIO_OK);
  char *second = blocks_of(in);
  CU_ASSERT_STRING_EQUAL(first, second);
  CU_ASSERT_PTR_NOT_NULL(strstr(first, "line 99\n|"));
  input_close(in);
  g_free(first);
  g_free(second);
  g_unlink(p);
  g_free(p);
}

/* Standard input from a file, held, and too large to hold. */
static void test_stdin(void) {
  char *text = many_lines(3000, 1000), *p = write_file("stdin", text, 3000 * 1000);
  for (int small = 0; small < 2; small++) {
    int fd = g_open(p, O_RDONLY, 0);
    dup2(fd, STDIN_FILENO);
    close(fd);
    input *in = NULL;
    error e = {0};
    options.memory_cap = small ? 2 * MIB : 8 * MIB;
    CU_ASSERT_EQUAL(input_open("-", &options, &in, &e), CLIO_OK);
    input_hold(in);
    clio_status s;
    input_block *b = NULL;
    while ((s = input_next(in, &b, &e)) == CLIO_OK && b) input_block_free(b);
    CU_ASSERT_EQUAL(s, small ? CLIO_E_NOMEM : CLIO_OK);
    CU_ASSERT_EQUAL(strstr(e.text, "write it to a file first") != NULL, small);
    input_close(in);
  }
  input *in = NULL;
  error e = {0};
  options.memory_cap = 64 * MIB;
  CU_ASSERT_EQUAL(input_open("-", &options, &in, &e), CLIO_OK);
  CU_ASSERT_EQUAL(input_rewind(in, &e), CLIO_E_UNSUPPORTED);
  CU_ASSERT_PTR_NOT_NULL(strstr(e.text, "standard input cannot be read twice"));
  input_close(in);
  g_free(text);
  g_free(p);
}

static void remove_folder(void) {
  GDir *d = g_dir_open(folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name(d));) {
    char *p = path_of(name);
    g_unlink(p);
    g_free(p);
  }
  g_dir_close(d);
  g_rmdir(folder);
  g_free(folder);
}

int main(void) {
  static const unit_test tests[] = {
      {"lines", test_lines},         {"files", test_files},
      {"blocks", test_blocks},       {"gzip", test_compressed},
      {"zstd", test_zstd},           {"bombs", test_bombs},
      {"caps", test_caps},           {"zstd window", test_window},
      {"foreign", test_foreign},     {"long lines", test_long_lines},
      {"huge line", test_huge_line}, {"second pass", test_second_pass},
      {"borders", test_borders},     {"fifo", test_fifo},
      {"standard input", test_stdin}};
  options = input_default_options;
  options.memory_cap = 64 * MIB;
  folder = g_dir_make_tmp("clio-input-XXXXXX", NULL);
  int code = unit_main("input", tests, G_N_ELEMENTS(tests));
  remove_folder();
  return code;
}
