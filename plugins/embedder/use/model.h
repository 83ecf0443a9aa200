/* model.h - the Universal Sentence Encoder Lite as one mapped file: what it
 * holds, and reading it with every offset checked. The file is ours, written by
 * convert.c from the TensorFlow.js package: a head, 64-byte aligned tensors of
 * float32, and the pieces of the vocabulary with their scores. Little-endian. */
#ifndef CLIO_EMBEDDER_USE_MODEL_H
#define CLIO_EMBEDDER_USE_MODEL_H
#include <stdint.h>

#define MODEL_ASSET "models/use-lite-en.clio"
#define MODEL_MAGIC "CLIOUSE"
enum {
  MODEL_VERSION = 1,
  MODEL_ORIGIN = 192, /* room for where the weights came from, NUL-ended */
  MODEL_DIM = 512,    /* numbers in a vector */
  MODEL_INNER = 1536, /* of a feed-forward layer */
  MODEL_EMBED = 256,  /* of a piece's embedding */
  MODEL_ROWS = 8002,  /* pieces that have an embedding */
  MODEL_TOKENS = 128, /* tokens of a text that are read */
  MODEL_RESERVED = 6, /* first pieces, never found in a text */
  MODEL_HEADS = 4,
  MODEL_ALIGN = 64
};

/* The tensors, in the file's order; a layer's kernels are rows x columns, to be
 * multiplied from the right. */
enum {
  MODEL_PIECES,
  MODEL_TIMESCALES,
  MODEL_L0, /* of layer 0, twelve; layer 1 has the same without DENSE */
  MODEL_NORM1_SCALE = 0,
  MODEL_NORM1_BIAS,
  MODEL_QKV,
  MODEL_QKV_BIAS,
  MODEL_OUT,
  MODEL_OUT_BIAS,
  MODEL_NORM2_SCALE,
  MODEL_NORM2_BIAS,
  MODEL_UP,
  MODEL_UP_BIAS,
  MODEL_DOWN,
  MODEL_DOWN_BIAS,
  MODEL_LAYER, /* tensors of one layer */
  MODEL_L1 = MODEL_L0 + MODEL_LAYER,
  MODEL_DENSE = MODEL_L1 + MODEL_LAYER, /* layer 0's way around attention */
  MODEL_DENSE_BIAS,
  MODEL_TANH,
  MODEL_TANH_BIAS,
  MODEL_TENSORS
};

/* What tensor `i` is called in the TensorFlow.js graph (the end of its name, unique) and its
 * shape. */
typedef struct model_tensor {
  const char *name;
  uint32_t rows, columns;
} model_tensor;
extern const model_tensor model_tensors[MODEL_TENSORS];

/* The head of the file, as it lies there. */
typedef struct model_head {
  char magic[8];
  uint32_t version, pieces;
  uint64_t bytes;                /* of the whole file */
  uint64_t scores, starts, text; /* double[pieces], uint32_t[pieces + 1], UTF-8 */
  uint64_t text_bytes;
  uint64_t tensor[MODEL_TENSORS]; /* offset of each */
  char origin[MODEL_ORIGIN];
} model_head;

/* A file that has been read; points into the mapping. */
typedef struct model {
  const float *tensor[MODEL_TENSORS];
  uint32_t pieces;
  const double *scores;
  const uint32_t *starts; /* of piece i: text + starts[i] .. text + starts[i + 1] */
  const char *text;
  const char *origin;
} model;

/* Reads `size` bytes, 64-byte aligned. NULL, or what is wrong with them (static). Afterwards every
 * pointer of *ret is good for its whole shape and every number finite. [any] */
const char *model_read(const void *bytes, uint64_t size, model *ret);

/* Does a layer hold tensor `which` of MODEL_LAYER? Its number among all. */
static inline int model_of_layer(int layer, int which) {
  return (layer ? MODEL_L1 : MODEL_L0) + which;
}
#endif
