/* encoder.h - the network: two transformer layers over a block of whole texts,
 * packed token after token without padding, then their mean, one tanh layer and
 * length 1. As the graph of the TensorFlow.js package computes it (Cer and others
 * 2018, the Lite model), with one step moved: the last product is taken of the
 * mean, not of every token, which is the same sum.
 *
 * A text's vector does not depend on its neighbours nor on its place. BLAS kernels add
 * up rows and columns of one product in different orders, by where they stand in the
 * kernel's tile (measured: OpenBLAS's for Haswell, by row modulo 12); along the
 * dimension that fills the vector registers only the first and the last eight go another
 * way. So tokens are columns between edges that stay empty, as many as the block has
 * whatever it holds, and attention is a text's own. tests/stage/test_use.c compares bits. */
#ifndef CLIO_EMBEDDER_USE_ENCODER_H
#define CLIO_EMBEDDER_USE_ENCODER_H
#include "model.h"

/* A block's tokens are a multiple of STEP; TEXTS are pooled at a time. */
enum { ENCODER_STEP = 32, ENCODER_TEXTS = 32 };

/* The position signal of the model: MODEL_TOKENS x MODEL_EMBED floats. */
void encoder_positions(const model *m, float *ret);

/* Floats of room for a block of `tokens`; one per thread. */
uint64_t encoder_room(uint32_t tokens);

/* `texts` texts, text i has the tokens ids[starts[i]] ... ids[starts[i + 1] - 1]: at least one, at
 * most MODEL_TOKENS, starts[texts] <= tokens, ids below MODEL_ROWS. Writes texts x
 * MODEL_DIM floats, each row of length 1. `room` is 64-byte aligned. [any, own room] */
void encoder_run(const model *m, const float *positions, uint32_t tokens, float *room,
                 const int32_t *ids, const uint32_t *starts, uint32_t texts, float *ret);
#endif
