/* vectors.c - opens the model, and packs rows into full blocks; see vectors.h. */
#include "vectors.h"

#include <stdbool.h>

#include "encoder.h"
#include "linalg.h"

enum { RUN = 512 }; /* rows that are tokenised and packed together */

clio_status vectors_open(const clio_host *host, clio_call *call, int64_t block, vectors *ret) {
  const void *bytes = NULL;
  const char *why = NULL;
  uint64_t size = 0;
  const clio_asset *asset =
      clio_need(host, call, CLIO_ASSET_ID, offsetof(clio_asset, map) + sizeof asset->map);
  *ret = (vectors){.block = (uint32_t)block / ENCODER_STEP * ENCODER_STEP};
  if (!asset) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(asset->map(call, MODEL_ASSET, &bytes, &size));
  why = model_read(bytes, size, &ret->model);
  if (!why) ret->pieces = pieces_new(&ret->model, &why);
  if (why)
    return clio_failf(host, call, CLIO_E_INPUT,
                      "the model file %s is not good: %s; make it again with './autogen.sh model'",
                      MODEL_ASSET, why);
  ret->positions = malloc(sizeof *ret->positions * MODEL_TOKENS * MODEL_EMBED);
  if (!ret->pieces || !ret->positions) return clio_nomem(host, call);
  encoder_positions(&ret->model, ret->positions);
  linalg_init();
  return CLIO_OK;
}

void vectors_close(vectors *v) {
  pieces_free(v->pieces);
  free(v->positions);
}

/* ---- packing ---- */

/* A run of rows on the way: their tokens, and lists of rows by number of tokens. */
typedef struct packer {
  const vectors *v;
  float *out; /* of the run's first row */
  uint64_t stride;
  uint32_t *tokens; /* of the run's first row */
  int32_t *ids;     /* RUN x MODEL_TOKENS */
  int32_t *next;    /* RUN: the next row of as many tokens, or -1 */
  int32_t first[MODEL_TOKENS + 1];
  float *room, *made;      /* the encoder's; vectors of one block */
  int32_t *block;          /* ids of one block */
  uint32_t *starts, *rows; /* of one block's texts */
  pieces_room *pieces_room;
} packer;

static clio_status packer_init(packer *p, const vectors *v, const clio_host *host,
                               clio_call *call) {
  *p = (packer){.v = v};
  uint64_t n = v->block;
  p->ids = clio_scratch_array(host, call, RUN * MODEL_TOKENS, sizeof *p->ids);
  p->next = clio_scratch_array(host, call, RUN, sizeof *p->next);
  p->room = clio_scratch_array(host, call, encoder_room(v->block), sizeof *p->room);
  p->made = clio_scratch_array(host, call, n * MODEL_DIM, sizeof *p->made);
  p->block = clio_scratch_array(host, call, n, sizeof *p->block);
  p->starts = clio_scratch_array(host, call, n + 1, sizeof *p->starts);
  p->rows = clio_scratch_array(host, call, n, sizeof *p->rows);
  p->pieces_room = host->scratch(call, pieces_room_bytes());
  bool good = p->ids && p->next && p->room && p->made && p->block && p->starts && p->rows;
  return good && p->pieces_room ? CLIO_OK : clio_nomem(host, call);
}

/* Tokens of the rows from ... from + count - 1, listed by how many, in falling order of rows so
 * that a list is taken from its front in rising order. */
static void packer_tokenise(packer *p, const clio_view *texts, uint64_t from, uint32_t count) {
  for (uint32_t i = 0; i <= MODEL_TOKENS; i++) p->first[i] = -1;
  for (uint32_t i = count; i-- > 0;) {
    clio_span text = clio_utf8(texts, from + i);
    uint32_t n = text.s ? pieces_encode(p->v->pieces, p->pieces_room, text.s, text.len,
                                        p->ids + (size_t)i * MODEL_TOKENS)
                        : 0;
    p->tokens[i] = n;
    p->next[i] = p->first[n];
    p->first[n] = (int32_t)i;
  }
}

/* Takes a row of the most tokens that are at most `room`; -1: none fits. */
static int32_t packer_take(packer *p, uint32_t room) {
  for (uint32_t n = room < MODEL_TOKENS ? room : MODEL_TOKENS; n > 0; n--) {
    int32_t row = p->first[n];
    if (row < 0) continue;
    p->first[n] = p->next[row];
    return row;
  }
  return -1;
}

/* Fills one block with the longest texts that fit and computes it; false: no text was left. */
static bool packer_run_block(packer *p) {
  uint32_t texts = 0, used = 0;
  for (int32_t row; (row = packer_take(p, p->v->block - used)) >= 0; texts++) {
    p->starts[texts] = used;
    p->rows[texts] = (uint32_t)row;
    memcpy(p->block + used, p->ids + (size_t)row * MODEL_TOKENS, p->tokens[row] * sizeof *p->block);
    used += p->tokens[row];
  }
  if (texts == 0) return false;
  p->starts[texts] = used;
  encoder_run(&p->v->model, p->v->positions, p->v->block, p->room, p->block, p->starts, texts,
              p->made);
  for (uint32_t i = 0; i < texts; i++)
    memcpy(p->out + (size_t)p->rows[i] * p->stride, p->made + (size_t)i * MODEL_DIM,
           MODEL_DIM * sizeof *p->out);
  return true;
}

clio_status vectors_fill(const vectors *v, const clio_host *host, clio_call *call,
                         const clio_view *texts, uint64_t from, uint64_t to, float *out,
                         uint64_t stride, uint32_t *tokens) {
  packer p;
  CLIO_TRY(packer_init(&p, v, host, call));
  p.stride = stride;
  for (uint64_t at = from; at < to; at += RUN) {
    uint32_t count = to - at < RUN ? (uint32_t)(to - at) : RUN;
    p.out = out + (at - from) * stride;
    p.tokens = tokens + (at - from);
    packer_tokenise(&p, texts, at, count);
    while (packer_run_block(&p))
      if (host->cancelled(call)) return CLIO_E_CANCELLED;
  }
  return CLIO_OK;
}

clio_status vectors_plan(const clio_host *host, clio_plan *plan, const char *column,
                         const char *name, uint32_t dim) {
  const clio_column *text = clio_planned(host->plan_input(plan, 0), column);
  if (!text || text->type != CLIO_T_UTF8)
    return clio_plan_failf(host, plan, CLIO_E_CONFIG,
                           "column '%s' is not a text column; embed one, such as 'request'",
                           column);
  CLIO_TRY(host->plan_use(plan, 0, column));
  clio_column vector = {.name = name,
                        .help = "the text's meaning as a direction, of length 1",
                        .type = CLIO_T_VEC,
                        .privacy = CLIO_P_INHERIT,
                        .dim = dim,
                        .flags = CLIO_COL_NULLABLE,
                        .of = column};
  return host->plan_output(plan, 0, &vector);
}
