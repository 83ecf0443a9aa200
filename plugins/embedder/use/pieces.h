/* pieces.h - a text as the model's tokens, as the reference cuts it (the tokenizer
 * of the TensorFlow.js package): NFKC, spaces made U+2581 and one put in front,
 * then the best way through a unigram vocabulary. Its quirks are kept, because
 * the weights' users have always seen them: a character that begins no piece costs
 * nothing, a run of such characters is one token 0, and a place that no piece
 * ends at counts as reached with nothing lost. Line ends and tabs are such
 * characters. */
#ifndef CLIO_EMBEDDER_USE_PIECES_H
#define CLIO_EMBEDDER_USE_PIECES_H
#include "model.h"

/* Characters of a text that are read; the first 128 tokens need fewer unless most of
 * them are unknown. */
enum { PIECES_TEXT = 16384 };

typedef struct pieces pieces;

/* A trie of the model's pieces; keeps pointers into the model. NULL with *ret_why:
 * out of memory (why NULL) or what is wrong with the vocabulary (static). */
pieces *pieces_new(const model *m, const char **ret_why);
void pieces_free(pieces *p); /* takes NULL */

/* Bytes of room for one text at a time; one per thread. */
typedef struct pieces_room pieces_room;
uint64_t pieces_room_bytes(void);

/* Writes the first MODEL_TOKENS tokens of a UTF-8 text to ids, returns how many;
 * 0 for an empty text. Bytes that are no UTF-8 read as U+FFFD. [any, own room] */
uint32_t pieces_encode(const pieces *p, pieces_room *r, const char *utf8, int64_t length,
                       int32_t *ids);
#endif
