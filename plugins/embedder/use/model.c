/* model.c - the table of tensors, and reading a model file; see model.h. */
#include "model.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define LAYER(n, in) \
  {"Layer_" #n "/TransformerLayer/layer_prepostprocess/layer_norm/layer_norm_scale/" \
   "ConcatPartitions/concat", \
   1, (in)}, \
      {"Layer_" #n "/TransformerLayer/layer_prepostprocess/layer_norm/layer_norm_bias/" \
       "ConcatPartitions/concat", \
       1, (in)}, \
      {"Layer_" #n "/TransformerLayer/MultiheadAttention/qkv_transform_single/kernel/part_0", \
       (in), 3 * (in)}, \
      {"Layer_" #n "/TransformerLayer/MultiheadAttention/qkv_transform_single/bias/" \
       "ConcatPartitions/concat", \
       1, 3 * (in)}, \
      {"Layer_" #n "/TransformerLayer/MultiheadAttention/output_transform_single/kernel/part_0", \
       (in), MODEL_DIM}, \
      {"Layer_" #n "/TransformerLayer/MultiheadAttention/output_transform_single/bias/" \
       "ConcatPartitions/concat", \
       1, MODEL_DIM}, \
      {"Layer_" #n "/TransformerLayer/FFN/layer_prepostprocess/layer_norm/layer_norm_scale/" \
       "ConcatPartitions/concat", \
       1, MODEL_DIM}, \
      {"Layer_" #n "/TransformerLayer/FFN/layer_prepostprocess/layer_norm/layer_norm_bias/" \
       "ConcatPartitions/concat", \
       1, MODEL_DIM}, \
      {"TransformerStack/Layer_" #n "/TransformerLayer/FFN/conv1/Tensordot/Reshape_1", MODEL_DIM, \
       MODEL_INNER}, \
      {"Layer_" #n "/TransformerLayer/FFN/conv1/bias/ConcatPartitions/concat", 1, MODEL_INNER}, \
      {"TransformerStack/Layer_" #n "/TransformerLayer/FFN/conv2/Tensordot/Reshape_1", \
       MODEL_INNER, MODEL_DIM}, \
  { \
    "Layer_" #n "/TransformerLayer/FFN/conv2/bias/ConcatPartitions/concat", 1, MODEL_DIM \
  }

const model_tensor model_tensors[MODEL_TENSORS] = {
    {"module/Embeddings_en", MODEL_ROWS, MODEL_EMBED},
    {"Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1", 1, MODEL_EMBED / 2},
    LAYER(0, MODEL_EMBED),
    LAYER(1, MODEL_DIM),
    {"Layer_0/TransformerLayer/dense/kernel/ConcatPartitions/concat", MODEL_EMBED, MODEL_DIM},
    {"Layer_0/TransformerLayer/dense/bias/ConcatPartitions/concat", 1, MODEL_DIM},
    {"hidden_layers/tanh_layer_0/weights", MODEL_DIM, MODEL_DIM},
    {"hidden_layers/tanh_layer_0/bias", 1, MODEL_DIM},
};

/* Are `count` items of `width` bytes at `offset` inside a file of `size` bytes, behind its head? */
static int model_holds(uint64_t size, uint64_t offset, uint64_t count, uint64_t width) {
  return offset >= sizeof(model_head) && offset <= size && count <= (size - offset) / width;
}

static int model_all_finite(const float *x, uint64_t n) {
  for (uint64_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return 0;
  return 1;
}

static const char *model_read_tensors(const unsigned char *bytes, const model_head *h, model *ret) {
  for (int i = 0; i < MODEL_TENSORS; i++) {
    uint64_t count = (uint64_t)model_tensors[i].rows * model_tensors[i].columns;
    if (h->tensor[i] % MODEL_ALIGN || !model_holds(h->bytes, h->tensor[i], count, sizeof(float)))
      return "a tensor lies outside the file";
    ret->tensor[i] = (const float *)(const void *)(bytes + h->tensor[i]);
    if (!model_all_finite(ret->tensor[i], count)) return "a tensor holds what is no number";
  }
  return NULL;
}

static const char *model_read_pieces(const unsigned char *bytes, const model_head *h, model *ret) {
  if (h->pieces <= MODEL_RESERVED || h->pieces > MODEL_ROWS)
    return "its vocabulary has a wrong number of pieces";
  if (h->scores % MODEL_ALIGN || h->starts % MODEL_ALIGN ||
      !model_holds(h->bytes, h->scores, h->pieces, sizeof(double)) ||
      !model_holds(h->bytes, h->starts, (uint64_t)h->pieces + 1, sizeof(uint32_t)) ||
      !model_holds(h->bytes, h->text, h->text_bytes, 1))
    return "its vocabulary lies outside the file";
  ret->pieces = h->pieces;
  ret->scores = (const double *)(const void *)(bytes + h->scores);
  ret->starts = (const uint32_t *)(const void *)(bytes + h->starts);
  ret->text = (const char *)bytes + h->text;
  if (ret->starts[0] != 0 || ret->starts[h->pieces] != h->text_bytes)
    return "its vocabulary's pieces do not fill their text";
  for (uint32_t i = 0; i < h->pieces; i++)
    if (ret->starts[i] > ret->starts[i + 1] || !isfinite(ret->scores[i]))
      return "a piece of its vocabulary is broken";
  return NULL;
}

const char *model_read(const void *bytes, uint64_t size, model *ret) {
  model_head h;
  if (size < sizeof h) return "it is too short";
  memcpy(&h, bytes, sizeof h);
  if (memcmp(h.magic, MODEL_MAGIC, sizeof h.magic) != 0) return "it is no model of this kind";
  if (h.version != MODEL_VERSION) return "it is of another version";
  if (h.bytes != size) return "it is cut short or has grown";
  if (!memchr(h.origin, '\0', sizeof h.origin)) return "its origin has no end";
  const char *wrong = model_read_tensors(bytes, &h, ret);
  if (!wrong) wrong = model_read_pieces(bytes, &h, ret);
  ret->origin = (const char *)bytes + offsetof(model_head, origin);
  return wrong;
}
