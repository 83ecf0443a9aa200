/* items.c - see items.h. A state machine over the decoded bytes; the block that
 * is being filled is the only thing that grows. */
#include "items.h"

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

enum { READ_BYTES = 256 << 10 };

typedef enum place { BEFORE_LIST, BEFORE_ITEM, IN_ITEM, BEHIND_LIST } place;

struct items {
  decoder *decoder;
  const char *name;
  GChecksum *sum;
  uint8_t chunk[READ_BYTES];
  size_t length, at; /* of the chunk: filled, and not yet looked at from here */
  uint64_t offset;   /* of the chunk's first byte in the decoded file */
  uint64_t first_block, record_max, count;
  place place;
  uint64_t depth; /* brackets open inside the item */
  bool in_string, escaped, skipping, after_comma;
  char *block; /* NULL: none begun */
  size_t filled, room, item_start;
  uint64_t number, first_item, too_long, first_long;
};

items *items_new(decoder *take_decoder, const char *name, uint64_t first_block,
                 uint64_t record_max) {
  items *it = g_new0(items, 1);
  it->decoder = take_decoder;
  it->name = name;
  it->sum = g_checksum_new(G_CHECKSUM_SHA256);
  it->first_block = first_block;
  it->record_max = record_max;
  return it;
}

void items_free(items *it) {
  if (!it) return;
  decode_free(it->decoder);
  g_checksum_free(it->sum);
  g_free(it->block);
  g_free(it);
}

void items_digest(const items *it, uint8_t ret_digest[LINES_DIGEST_BYTES]) {
  gsize n = LINES_DIGEST_BYTES;
  GChecksum *copy = g_checksum_copy(it->sum);
  g_checksum_get_digest(copy, ret_digest, &n);
  g_checksum_free(copy);
}

uint64_t items_next_block(const items *it) {
  uint64_t bytes = it->offset + it->length;
  return it->first_block + (bytes + INPUT_BLOCK_BYTES - 1) / INPUT_BLOCK_BYTES;
}

uint64_t items_raw_bytes(const items *it) { return decode_raw_bytes(it->decoder); }

/* The next chunk; length = 0 at the end of the file. */
static clio_status read_chunk(items *it, error *e) {
  it->offset += it->length;
  it->length = it->at = 0;
  clio_status s = decode_read(it->decoder, it->chunk, READ_BYTES, &it->length, e);
  if (s == CLIO_OK) g_checksum_update(it->sum, it->chunk, (gssize)it->length);
  return s;
}

static clio_status no_list(const items *it, const char *what, error *e) {
  return error_set(e, CLIO_E_INPUT,
                   "%s is not the JSON list that was expected: %s, at byte %" PRIu64, it->name,
                   what, it->offset + it->at);
}

static bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* A byte order mark may stand in front. */
static bool is_mark(const items *it, uint8_t c) {
  static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
  uint64_t at = it->offset + it->at;
  return at < sizeof mark && c == mark[at];
}

/* ---- the block being filled ---- */

static input_block *take_block(items *it) {
  input_block *b = g_new0(input_block, 1);
  b->bytes = it->block;
  b->length = it->filled;
  b->number = it->number;
  b->file = it->name;
  b->first_line = it->first_item;
  b->too_long = it->too_long;
  b->long_line = it->first_long;
  b->items = true;
  it->block = NULL;
  it->filled = it->room = 0;
  return b;
}

/* Room for n more bytes and a line end. */
static clio_status make_room(items *it, size_t n, error *e) {
  if (it->room - it->filled > n) return CLIO_OK;
  size_t room = MAX(it->room * 2, it->filled + n + READ_BYTES);
  char *bigger = g_try_realloc(it->block, room);
  if (!bigger) return error_set(e, CLIO_E_NOMEM, "no memory to read %s", it->name);
  it->block = bigger;
  it->room = room;
  return CLIO_OK;
}

static clio_status begin_item(items *it, error *e) {
  if (!it->block) {
    it->number = it->first_block + (it->offset + it->at) / INPUT_BLOCK_BYTES;
    it->first_item = it->count + 1;
    it->too_long = 0;
  }
  it->count++;
  it->item_start = it->filled;
  it->place = IN_ITEM;
  it->depth = 0;
  it->in_string = it->escaped = it->skipping = false;
  return make_room(it, 0, e);
}

/* Appends bytes of the item; past record_max it is forgotten and skipped. */
static clio_status add_bytes(items *it, size_t from, size_t n, error *e) {
  if (it->skipping) return CLIO_OK;
  if (it->filled - it->item_start + n > it->record_max) {
    it->filled = it->item_start;
    it->skipping = true;
    if (it->too_long++ == 0) it->first_long = it->count;
    return CLIO_OK;
  }
  clio_status s = make_room(it, n, e);
  if (s != CLIO_OK) return s;
  memcpy(it->block + it->filled, it->chunk + from, n);
  it->filled += n;
  return CLIO_OK;
}

/* ---- the states ---- */

/* Takes bytes of a string up to its closing quote or the chunk's end. */
static void scan_string(items *it) {
  for (; it->at < it->length; it->at++) {
    uint8_t *c = &it->chunk[it->at];
    if (*c == '\n') *c = 1;
    if (it->escaped)
      it->escaped = false;
    else if (*c == '\\')
      it->escaped = true;
    else if (*c == '"')
      break;
  }
  it->in_string = it->at == it->length;
  it->at += !it->in_string;
}

/* Looks at one byte of an item outside strings; true where the item ends, with
 * that byte still to be taken. */
static bool scan_byte(items *it) {
  uint8_t *c = &it->chunk[it->at];
  if (it->depth == 0 && (*c == ',' || *c == ']')) return true;
  it->depth += *c == '{' || *c == '[';
  if (it->depth && (*c == '}' || *c == ']')) it->depth--;
  it->in_string = *c == '"';
  if (*c == '\n') *c = ' ';
  it->at++;
  return false;
}

static clio_status scan_item(items *it, error *e) {
  size_t from = it->at;
  bool ended = false;
  while (it->at < it->length && !ended)
    if (it->in_string)
      scan_string(it);
    else
      ended = scan_byte(it);
  clio_status s = add_bytes(it, from, it->at - from, e);
  if (s != CLIO_OK || !ended) return s;
  it->block[it->filled++] = '\n'; /* make_room() leaves one byte */
  it->after_comma = it->chunk[it->at] == ',';
  it->place = it->after_comma ? BEFORE_ITEM : BEHIND_LIST;
  it->at++;
  return CLIO_OK;
}

/* Between items; *ret_full: an item of the next block starts here. */
static clio_status scan_before_item(items *it, bool *ret_full, error *e) {
  uint8_t c = it->chunk[it->at];
  if (is_space(c)) {
    it->at++;
    return CLIO_OK;
  }
  if (c == ']' && !it->after_comma) {
    it->place = BEHIND_LIST;
    it->at++;
    return CLIO_OK;
  }
  if (c == ',' || c == ']') return no_list(it, "an item is missing between two commas", e);
  uint64_t number = it->first_block + (it->offset + it->at) / INPUT_BLOCK_BYTES;
  *ret_full = it->block && number != it->number;
  return *ret_full ? CLIO_OK : begin_item(it, e);
}

static clio_status scan_outside(items *it, error *e) {
  uint8_t c = it->chunk[it->at];
  bool before = it->place == BEFORE_LIST;
  if (!is_space(c) && !(before && is_mark(it, c))) {
    if (!before) return no_list(it, "text after the list", e);
    if (c != '[') return no_list(it, "it does not begin with '['", e);
    it->place = BEFORE_ITEM;
    it->after_comma = false;
  }
  it->at++;
  return CLIO_OK;
}

/* The file has ended. */
static clio_status check_end(const items *it, error *e) {
  if (it->place == BEHIND_LIST) return CLIO_OK;
  if (it->place == BEFORE_LIST)
    return error_set(e, CLIO_E_INPUT, "%s is empty; an export holds a JSON list", it->name);
  return error_set(e, CLIO_E_INPUT,
                   "%s is cut short: its JSON list has no end (%" PRIu64
                   " items begun); copy or export it again",
                   it->name, it->count);
}

clio_status items_next(items *it, input_block **ret, error *e) {
  bool full = false;
  *ret = NULL;
  while (!full) {
    clio_status s = it->at < it->length ? CLIO_OK : read_chunk(it, e);
    if (s == CLIO_OK && it->length == 0) {
      s = check_end(it, e);
      if (s != CLIO_OK || !it->block) return s;
      break;
    }
    if (s == CLIO_OK && it->place == IN_ITEM)
      s = scan_item(it, e);
    else if (s == CLIO_OK && it->place == BEFORE_ITEM)
      s = scan_before_item(it, &full, e);
    else if (s == CLIO_OK)
      s = scan_outside(it, e);
    if (s != CLIO_OK) return s;
  }
  *ret = take_block(it);
  return CLIO_OK;
}
