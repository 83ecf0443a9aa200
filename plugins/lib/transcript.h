/* transcript.h - a conversation as one text for a model's prompt: each message between tags of
 * its role, markers for what is no text as the source made them ("[image]", "[tool call]"). What
 * is longer than a limit is cut at message borders, its beginning and its end kept, and the gap
 * said in words. */
#ifndef CLIO_LIB_TRANSCRIPT_H
#define CLIO_LIB_TRANSCRIPT_H
#include "prompt.h"

/* What became of a conversation. */
enum {
  TRANSCRIPT_WHOLE,
  TRANSCRIPT_CUT,     /* messages left out, or shortened; the text says so */
  TRANSCRIPT_EMPTY,   /* no message with a text: there is nothing to ask about */
  TRANSCRIPT_TOO_LONG /* does not fit however it is cut; no text is made */
};

enum { TRANSCRIPT_LEAST = 200 }; /* the lowest limit in tokens that every text can be cut to */

typedef struct transcript {
  clio_span text;    /* escaped by prompt_data; s = NULL: EMPTY or TOO_LONG */
  uint32_t outcome;  /* TRANSCRIPT_* */
  int64_t tokens;    /* of the text, by wire_count */
  int64_t left_out;  /* messages that are not in it */
  int64_t shortened; /* messages of which a part is in it */
} transcript;

/* The conversation of one row: parallel lists `role` and `content`, in at most `tokens` tokens by
 * the reckoning of wire_count. Where it is too long, a message of more than half the limit is
 * first shortened in its middle, to what the others leave of the limit, at least to half; then
 * messages are taken from the beginning up to half the limit, from the end up to the rest, and
 * again from the beginning. The same conversation gives the same text. [call] */
clio_status transcript_make(const clio_host *host, clio_call *call, const clio_view *role,
                            const clio_view *content, uint64_t row, int64_t tokens,
                            transcript *ret);
#endif
