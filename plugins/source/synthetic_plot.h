/* synthetic_plot.h - what is decided of a made-up conversation before its text:
 * who, when, about what, and what is planted in it. */
#ifndef CLIO_SOURCE_SYNTHETIC_PLOT_H
#define CLIO_SOURCE_SYNTHETIC_PLOT_H
#include "synthetic_words.h"

enum { MESSAGES_MAX = 16, SPAN_DAYS = 184, SECRET_MAX = 40 };

/* One item of the parameter `mix`. */
typedef struct mix_share {
  const char *topic;
  double share;
} mix_share;

/* One item of the parameter `words`. */
typedef struct words_file {
  const char *text;
} words_file;

typedef struct synthetic_config {
  int64_t conversations, accounts, organizations, languages, topics;
  int64_t canaries, injections, campaigns, campaign_size;
  double pii;
  int32_t labels;
  const char *concerning;
  clio_records mix, words;
} synthetic_config;

/* The parameters and what follows from them. */
typedef struct world {
  const clio_host *host;
  const synthetic_config *config;
  words words;
  uint32_t *share; /* of a topic: in millionths where `mix` names it */
  uint8_t *open;   /* of a topic: takes part in what `mix` leaves */
  uint32_t shares; /* what `mix` hands out, in millionths */
  uint64_t specials, stride;
} world;

typedef enum outcome { OUT_ANSWERED, OUT_RIGHT, OUT_OVER, OUT_UNDER, OUT_SAFE } outcome;

typedef struct plot {
  dice dice, campaign_dice;
  uint64_t account, lang, topic;
  int64_t org; /* -1: none */
  int64_t time;
  uint64_t turns;
  outcome outcome;
  int tells, tells_later;              /* something personal, in the first request or a later one */
  int mixed;                           /* a sentence in another language */
  int64_t canary, injection, campaign; /* -1: none */
  char secret[SECRET_MAX];
} plot;

/* Finds the topics that take part. CLIO_E_CONFIG with `why`, or _NOMEM. */
clio_status world_open(world *w, char why[240]);
void world_clear(world *w);

/* A pure function of the seed and the conversation's number. */
plot plot_choose(const world *w, clio_call *call, uint64_t number);
#endif
