/* encoder.c - the network; see encoder.h. All products are OpenBLAS's, on the
 * calling thread. Matrices lie feature by feature: a token is a column. */
#include "encoder.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

enum {
  KEYS = MODEL_TOKENS,
  PARTS = 9,
  EDGE = 8, /* unused columns on both sides, see encoder.h */
  POOL = ENCODER_TEXTS + 2 * EDGE
};

/* One block under way, in a thread's room. A column is a token, T of them with the
 * edges; of pooled and mean it is a text, POOL of them. */
typedef struct block {
  const model *m;
  const int32_t *ids;
  const uint32_t *starts;
  uint32_t texts, tokens; /* tokens: T */
  float *x;               /* DIM x T: the residual stream */
  float *norm;            /* DIM x T */
  float *qkv;             /* 3 DIM x T */
  float *mixed;           /* DIM x T: attention's values */
  float *inner;           /* INNER x T */
  float *scores;          /* KEYS x KEYS */
  float *pooled;          /* INNER x POOL */
  float *mean;            /* DIM x POOL */
  float *column;          /* 2 T: sums over features */
} block;

/* Floats of each part of a thread's room, in the order of block's fields. */
static uint64_t block_sizes(uint64_t tokens, uint64_t sizes[PARTS]) {
  const uint64_t all[PARTS] = {MODEL_DIM * tokens, MODEL_DIM * tokens,   MODEL_DIM * tokens * 3,
                               MODEL_DIM * tokens, MODEL_INNER * tokens, KEYS * KEYS,
                               MODEL_INNER * POOL, MODEL_DIM * POOL,     2 * tokens};
  uint64_t sum = 0;
  for (int i = 0; i < PARTS; i++) sum += sizes[i] = all[i];
  return sum;
}

uint64_t encoder_room(uint32_t tokens) {
  uint64_t sizes[PARTS];
  return block_sizes(tokens + 2 * EDGE, sizes);
}

static void block_lay_out(block *b, float *room) {
  float **parts[PARTS] = {&b->x,      &b->norm,   &b->qkv,  &b->mixed, &b->inner,
                          &b->scores, &b->pooled, &b->mean, &b->column};
  uint64_t sizes[PARTS];
  block_sizes(b->tokens, sizes);
  for (int i = 0; i < PARTS; i++) {
    *parts[i] = room;
    room += sizes[i];
  }
}

void encoder_positions(const model *m, float *ret) {
  enum { HALF = MODEL_EMBED / 2 };
  for (int position = 0; position < MODEL_TOKENS; position++)
    for (int i = 0; i < HALF; i++) {
      float angle = (float)position * m->tensor[MODEL_TIMESCALES][i];
      ret[position * MODEL_EMBED + i] = sinf(angle);
      ret[position * MODEL_EMBED + HALF + i] = cosf(angle);
    }
}

/* ---- products ---- */

/* to(n x columns) = kernel(k x n)' * from(k x columns) + bias. Columns are the dimension that the
 * BLAS kernel holds in its vector registers: each is a lane, and all lanes are added up alike. */
static void product(const float *kernel, const float *bias, uint32_t k, uint32_t n,
                    const float *from, uint32_t columns, float *to) {
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < columns; j++) to[(size_t)i * columns + j] = bias[i];
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)n, (blasint)columns, (blasint)k,
              1.0f, kernel, (blasint)n, from, (blasint)columns, 1.0f, to, (blasint)columns);
}

static const float *block_tensor(const block *b, int layer, int which) {
  return b->m->tensor[model_of_layer(layer, which)];
}

/* The product with a layer's kernel `which` and the bias behind it. */
static void block_apply(const block *b, int layer, int which, const float *from, float *to) {
  const model_tensor *shape = &model_tensors[model_of_layer(layer, which)];
  product(block_tensor(b, layer, which), block_tensor(b, layer, which + 1), shape->rows,
          shape->columns, from, b->tokens, to);
}

/* ---- elementwise ---- */

/* Every column of n features to mean 0 and variance 1, then scaled and shifted. */
static void block_norm(const block *b, uint32_t n, const float *scale, const float *shift) {
  uint32_t t = b->tokens;
  float *mean = b->column, *inverse = b->column + t;
  memset(b->column, 0, 2 * t * sizeof *b->column);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < t; j++) mean[j] += b->x[(size_t)i * t + j];
  for (uint32_t j = 0; j < t; j++) mean[j] /= (float)n;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < t; j++) {
      float off = b->x[(size_t)i * t + j] - mean[j];
      inverse[j] += off * off;
    }
  for (uint32_t j = 0; j < t; j++) inverse[j] = 1.0f / sqrtf(inverse[j] / (float)n + 1e-6f);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < t; j++)
      b->norm[(size_t)i * t + j] =
          (b->x[(size_t)i * t + j] - mean[j]) * (scale[i] * inverse[j]) + shift[i];
}

static void relu(float *x, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) x[i] = x[i] > 0 ? x[i] : 0;
}

static void add_to(float *x, const float *y, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) x[i] += y[i];
}

/* ---- attention ---- */

static void attend_softmax(float *scores, uint32_t length, float scale) {
  for (uint32_t row = 0; row < length; row++, scores += length) {
    float most = scores[0], sum = 0;
    for (uint32_t i = 1; i < length; i++) most = scores[i] > most ? scores[i] : most;
    for (uint32_t i = 0; i < length; i++) {
      scores[i] = expf((scores[i] - most) * scale);
      sum += scores[i];
    }
    for (uint32_t i = 0; i < length; i++) scores[i] /= sum;
  }
}

/* One head of one text: q, k and v lie under one another, `width` features each. */
static void attend(const block *b, uint32_t from, uint32_t length, uint32_t width, uint32_t head) {
  blasint l = (blasint)length, d = (blasint)(width / MODEL_HEADS), t = (blasint)b->tokens;
  size_t feature = (size_t)head * (width / MODEL_HEADS), part = (size_t)width * b->tokens;
  const float *q = b->qkv + feature * b->tokens + from;
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, l, l, d, 1.0f, q, t, q + part, t, 0.0f,
              b->scores, l);
  attend_softmax(b->scores, length, 1.0f / sqrtf((float)(width / MODEL_HEADS)));
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, d, l, l, 1.0f, q + 2 * part, t, b->scores, l,
              0.0f, b->mixed + feature * b->tokens + from, t);
}

static void block_attend(const block *b, uint32_t width) {
  for (uint32_t i = 0; i < b->texts; i++)
    for (uint32_t head = 0; head < MODEL_HEADS; head++)
      attend(b, EDGE + b->starts[i], b->starts[i + 1] - b->starts[i], width, head);
}

/* ---- layers ---- */

/* b->x holds the layer's input of that width; attention's output goes to b->norm. */
static void layer_attention(const block *b, int layer, uint32_t width) {
  block_norm(b, width, block_tensor(b, layer, MODEL_NORM1_SCALE),
             block_tensor(b, layer, MODEL_NORM1_BIAS));
  block_apply(b, layer, MODEL_QKV, b->norm, b->qkv);
  block_attend(b, width);
  block_apply(b, layer, MODEL_OUT, b->mixed, b->norm);
}

/* From b->x to b->inner, after relu. */
static void layer_up(const block *b, int layer) {
  block_norm(b, MODEL_DIM, block_tensor(b, layer, MODEL_NORM2_SCALE),
             block_tensor(b, layer, MODEL_NORM2_BIAS));
  block_apply(b, layer, MODEL_UP, b->norm, b->inner);
  relu(b->inner, b->tokens * MODEL_INNER);
}

/* Embeddings and positions, MODEL_EMBED features; a column that no text fills is zero. The graph
 * adds the embedding once more to the sum of embedding and position: that is how it was trained. */
static void block_embed(const block *b, const float *positions) {
  memset(b->x, 0, (size_t)b->tokens * MODEL_EMBED * sizeof *b->x);
  for (uint32_t i = 0; i < b->texts; i++)
    for (uint32_t at = b->starts[i]; at < b->starts[i + 1]; at++) {
      const float *piece = b->m->tensor[MODEL_PIECES] + (size_t)b->ids[at] * MODEL_EMBED;
      const float *position = positions + (size_t)(at - b->starts[i]) * MODEL_EMBED;
      for (uint32_t k = 0; k < MODEL_EMBED; k++)
        b->x[(size_t)k * b->tokens + EDGE + at] = piece[k] + (piece[k] + position[k]);
    }
}

static void layer_first(block *b) {
  layer_attention(b, 0, MODEL_EMBED);
  float *wide = b->mixed; /* attention is done with it */
  product(b->m->tensor[MODEL_DENSE], b->m->tensor[MODEL_DENSE_BIAS], MODEL_EMBED, MODEL_DIM, b->x,
          b->tokens, wide);
  b->mixed = b->x;
  b->x = wide;
  add_to(b->x, b->norm, b->tokens * MODEL_DIM);
  layer_up(b, 0);
  block_apply(b, 0, MODEL_DOWN, b->inner, b->norm);
  add_to(b->x, b->norm, b->tokens * MODEL_DIM);
}

static void layer_second(const block *b) {
  layer_attention(b, 1, MODEL_DIM);
  add_to(b->x, b->norm, b->tokens * MODEL_DIM);
  layer_up(b, 1);
}

/* ---- a text's vector ---- */

/* The mean of the columns from ... from + count - 1 of n features, as column `to` of ret. */
static void pool_mean(const block *b, const float *x, uint32_t n, uint32_t from, uint32_t count,
                      float *ret, uint32_t to) {
  for (uint32_t i = 0; i < n; i++) {
    const float *row = x + (size_t)i * b->tokens + EDGE + from;
    float sum = 0;
    for (uint32_t j = 0; j < count; j++) sum += row[j];
    ret[(size_t)i * POOL + EDGE + to] = sum / (float)count;
  }
}

/* Column `from` of x as a row of length 1. */
static void vector_end(const float *x, uint32_t from, float *ret) {
  double square = 0;
  for (uint32_t i = 0; i < MODEL_DIM; i++) {
    ret[i] = tanhf(x[(size_t)i * POOL + EDGE + from]);
    square += (double)ret[i] * (double)ret[i];
  }
  float inverse = (float)(1.0 / sqrt(fmax(square, 1e-12)));
  for (uint32_t i = 0; i < MODEL_DIM; i++) ret[i] *= inverse;
}

/* Texts first ... first + ENCODER_TEXTS - 1, as far as there are any. */
static void pool_texts(const block *b, uint32_t first, float *ret) {
  uint32_t left = b->texts - first, count = left < ENCODER_TEXTS ? left : ENCODER_TEXTS;
  float *sum = b->norm, *out = b->qkv;
  memset(b->pooled, 0, (size_t)POOL * MODEL_INNER * sizeof *b->pooled);
  memset(b->mean, 0, (size_t)POOL * MODEL_DIM * sizeof *b->mean);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t from = b->starts[first + i], tokens = b->starts[first + i + 1] - from;
    pool_mean(b, b->inner, MODEL_INNER, from, tokens, b->pooled, i);
    pool_mean(b, b->x, MODEL_DIM, from, tokens, b->mean, i);
  }
  product(block_tensor(b, 1, MODEL_DOWN), block_tensor(b, 1, MODEL_DOWN_BIAS), MODEL_INNER,
          MODEL_DIM, b->pooled, POOL, sum);
  add_to(sum, b->mean, POOL * MODEL_DIM);
  product(b->m->tensor[MODEL_TANH], b->m->tensor[MODEL_TANH_BIAS], MODEL_DIM, MODEL_DIM, sum, POOL,
          out);
  for (uint32_t i = 0; i < count; i++) vector_end(out, i, ret + (size_t)(first + i) * MODEL_DIM);
}

void encoder_run(const model *m, const float *positions, uint32_t tokens, float *room,
                 const int32_t *ids, const uint32_t *starts, uint32_t texts, float *ret) {
  block b = {.m = m, .tokens = tokens + 2 * EDGE, .ids = ids, .starts = starts, .texts = texts};
  block_lay_out(&b, room);
  block_embed(&b, positions);
  layer_first(&b);
  layer_second(&b);
  for (uint32_t first = 0; first < texts; first += ENCODER_TEXTS) pool_texts(&b, first, ret);
}
