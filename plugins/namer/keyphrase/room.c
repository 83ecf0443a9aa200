/* room.c - memory that one node after the other works in; see topics.h. */
#include "deeds.h"
#include "topics.h"

/* Byte arrays, one byte per member, that naming one node takes at most: all
 * candidates twice, for themselves and for what they are objects of. */
enum { ARRAYS = 2 * MAX_CANDIDATES + MAX_THEMES + MAX_DEEDS * MAX_OBJECTS + MAX_SLOTS + 1 };

clio_status room_new(const phrase_corpus *c, uint64_t members, node_room *ret) {
  *ret = (node_room){.numbers = c->phrases > c->stems.count ? c->phrases : c->stems.count};
  ret->size = members * ARRAYS;
  ret->bytes = clio_scratch_array(c->host, c->call, members, ARRAYS);
  ret->stamp = clio_scratch_array(c->host, c->call, ret->numbers, sizeof *ret->stamp);
  for (int i = 0; i < 2; i++)
    ret->number[i] = clio_scratch_array(c->host, c->call, ret->numbers, sizeof *ret->number[i]);
  if (!ret->bytes || !ret->stamp || !ret->number[0] || !ret->number[1])
    return clio_nomem(c->host, c->call);
  return CLIO_OK;
}

void room_reset(node_room *room) { room->used = 0; }

uint8_t *room_take(node_room *room, uint64_t size) {
  if (size > room->size - room->used) return NULL;
  uint8_t *bytes = room->bytes + room->used;
  room->used += size;
  memset(bytes, 0, size);
  return bytes;
}

uint32_t *room_numbers(node_room *room, int i) {
  memset(room->number[i], 0, room->numbers * sizeof *room->number[i]);
  return room->number[i];
}
