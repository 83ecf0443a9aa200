/* synthetic_plot.c - see synthetic_plot.h. All in integers, so that every machine
 * decides alike. */
#include "synthetic_plot.h"

static const int64_t micros = 1000000, start_micros = 1777593600000000; /* 2026-05-01 */
static const uint64_t million = 1000000;

/* Keys of random numbers that are not a conversation's. */
enum { KEY_ACCOUNT = 48, KEY_CANARY, KEY_CAMPAIGN };

static uint64_t random_of(const world *w, clio_call *call, int kind, uint64_t number) {
  return w->host->random(call, (UINT64_C(1) << kind) + number);
}

/* ---- the world ---- */

static int is_concerning(const world *w, uint64_t topic) {
  return w->words.topics[topic].concern > 1;
}

static uint64_t limit(int64_t wanted, uint64_t have) {
  return wanted < 0 || (uint64_t)wanted > have ? have : (uint64_t)wanted;
}

/* The first so many topics of the wanted class. */
static uint64_t open_topics(world *w) {
  uint64_t left = limit(w->config->topics, w->words.topic_count), count = 0;
  const char *wanted = w->config->concerning;
  for (uint64_t t = 1; t < w->words.topic_count && left; t++) {
    int concerning = is_concerning(w, t);
    if (strcmp(wanted, concerning ? "ordinary" : "concerning") == 0) continue;
    left--;
    w->open[t] = w->share[t] == 0;
    count += w->open[t];
  }
  return count;
}

static uint64_t topic_named(const words *w, const char *name) {
  uint64_t t = 1;
  while (t < w->topic_count && !clio_span_is(w->topics[t].name, name)) t++;
  return t;
}

static clio_status take_mix(world *w, char why[240]) {
  const mix_share *shares = w->config->mix.items;
  for (uint64_t i = 0; i < w->config->mix.count; i++) {
    uint64_t t = topic_named(&w->words, shares[i].topic);
    uint32_t part = (uint32_t)(shares[i].share * (double)million + 0.5);
    if (t == w->words.topic_count || w->share[t]) {
      snprintf(why, 240, "mix: %s topic '%.60s'", t == w->words.topic_count ? "no" : "twice the",
               shares[i].topic);
      return CLIO_E_CONFIG;
    }
    w->share[t] = part;
    w->shares += part;
  }
  return CLIO_OK;
}

/* The golden part of n, so that what is planted lies all over the conversations, and
 * without a common divisor, so that each is planted once. */
static uint64_t stride_of(uint64_t n) {
  for (uint64_t stride = n * 618 / 1000 + 1;; stride++) {
    uint64_t a = n, b = stride;
    while (b) {
      uint64_t rest = a % b;
      a = b;
      b = rest;
    }
    if (a <= 1) return stride;
  }
}

clio_status world_open(world *w, char why[240]) {
  const synthetic_config *c = w->config;
  w->share = calloc(w->words.topic_count, sizeof *w->share);
  w->open = calloc(w->words.topic_count, sizeof *w->open);
  if (!w->share || !w->open) return CLIO_E_NOMEM;
  CLIO_TRY(take_mix(w, why));
  if (open_topics(w) == 0 && w->shares < million) {
    snprintf(why, 240, "no topic is left for %s", c->mix.count ? "what mix leaves" : c->concerning);
    return CLIO_E_CONFIG;
  }
  w->specials = (uint64_t)(c->canaries + c->injections + c->campaigns * c->campaign_size);
  w->stride = stride_of(w->specials);
  return CLIO_OK;
}

void world_clear(world *w) {
  words_clear(&w->words);
  free(w->share);
  free(w->open);
}

/* ---- who ---- */

/* Few of n get much, most get little: the square of a uniform number. */
static uint64_t skewed(dice *d, uint64_t n) {
  uint64_t u = dice_roll(d, UINT64_C(1) << 32);
  return (u * u >> 32) * n >> 32;
}

/* Most write in the first language. */
static uint64_t choose_language(dice *d, uint64_t count) {
  uint64_t total = 50 + 10 * (count - 1), roll = dice_roll(d, total);
  return roll < 50 ? 0 : 1 + (roll - 50) / 10;
}

/* What does not change from one conversation of an account to the next. */
static void choose_account(const world *w, clio_call *call, plot *p) {
  const synthetic_config *c = w->config;
  uint64_t accounts = (uint64_t)c->accounts, size = (uint64_t)c->campaign_size;
  p->account = skewed(&p->dice, accounts);
  if (p->canary >= 0) p->account = (uint64_t)p->canary * accounts / (uint64_t)c->canaries;
  if (p->campaign >= 0)
    p->account = accounts + (uint64_t)p->campaign * size + dice_roll(&p->dice, (size * 3 + 3) / 4);
  dice own = {random_of(w, call, KEY_ACCOUNT, p->account)};
  p->org = dice_roll(&own, 100) < 12 || c->organizations == 0
               ? -1
               : (int64_t)skewed(&own, (uint64_t)c->organizations);
  p->lang = choose_language(&own, limit(c->languages, w->words.lang_count));
  if (dice_roll(&p->dice, 100) < 8) p->lang = 0;
}

/* ---- when ---- */

/* A day, with use growing by six tenths over the span; *ret_part is in 1,000. */
static int64_t choose_time(dice *d, uint64_t *ret_part) {
  uint64_t seconds;
  do {
    seconds = dice_roll(d, (uint64_t)SPAN_DAYS * 86400);
    *ret_part = seconds * 1000 / ((uint64_t)SPAN_DAYS * 86400);
  } while (dice_roll(d, 1600) >= 1000 + *ret_part * 6 / 10);
  return start_micros + (int64_t)seconds * micros;
}

/* A campaign lasts ten days. */
static int64_t campaign_time(plot *p) {
  uint64_t day = dice_roll(&p->campaign_dice, SPAN_DAYS - 10);
  return start_micros + (int64_t)(day * 86400 + dice_roll(&p->dice, 864000)) * micros;
}

/* ---- about what ---- */

/* A topic's weight at that point of the span; `lang` where it must have that one. */
static uint64_t weight_at(const world *w, uint64_t topic, const uint64_t *lang, uint64_t part) {
  const words_topic *t = &w->words.topics[topic];
  if (!w->open[topic] || (lang && !words_section(&w->words, topic, *lang))) return 0;
  return t->weight * (100 * (1000 - part) + t->trend * part);
}

/* 0 when no topic has a weight. */
static uint64_t choose_open(const world *w, dice *d, const uint64_t *lang, uint64_t part) {
  uint64_t total = 0, t = 1;
  for (uint64_t k = 1; k < w->words.topic_count; k++) total += weight_at(w, k, lang, part);
  if (total == 0) return 0;
  uint64_t roll = dice_roll(d, total);
  for (; roll >= weight_at(w, t, lang, part); t++) roll -= weight_at(w, t, lang, part);
  return t;
}

/* What `mix` prescribes first, then the others by weight and trend. */
static uint64_t choose_topic(const world *w, dice *d, uint64_t lang, uint64_t part) {
  uint64_t roll = dice_roll(d, million), t = 0;
  for (uint64_t k = 1; k < w->words.topic_count && roll < w->shares; k++) {
    if (roll < w->share[k]) return k;
    roll -= w->share[k];
    if (w->share[k]) t = k;
  }
  if (w->shares >= million) return t;
  t = choose_open(w, d, &lang, part);
  return t ? t : choose_open(w, d, NULL, part);
}

/* A language that the topic has, the first where the account's own is none. */
static uint64_t settle_language(const words *w, uint64_t topic, uint64_t lang) {
  if (words_section(w, topic, lang)) return lang;
  for (lang = 0; lang + 1 < w->lang_count && !words_section(w, topic, lang);) lang++;
  return lang;
}

static uint64_t choose_turns(dice *d) {
  uint64_t turns = 1;
  while (turns < MESSAGES_MAX / 2 && dice_roll(d, 100) < 48) turns++;
  return turns;
}

/* Of harmless requests few are refused by mistake. Of the others that are not refused,
 * a fifth is answered as if harmless. */
static outcome choose_outcome(const world *w, plot *p) {
  const words_topic *t = &w->words.topics[p->topic];
  if (!is_concerning(w, p->topic) && t->refused == 0)
    return dice_roll(&p->dice, 1000) < 7 ? OUT_OVER : OUT_ANSWERED;
  if (dice_roll(&p->dice, 100) < t->refused) return OUT_RIGHT;
  return dice_roll(&p->dice, 5) == 0 ? OUT_UNDER : OUT_SAFE;
}

/* ---- what is planted ---- */

/* The number of a special conversation: the canaries come first, then injections, then
 * campaigns; -1 for the usual ones. */
static int64_t special_of(const world *w, uint64_t number) {
  uint64_t all = (uint64_t)w->config->conversations;
  uint64_t before = number * w->specials / all, after = (number + 1) * w->specials / all;
  return before == after ? -1 : (int64_t)(before * w->stride % w->specials);
}

static void choose_special(const world *w, clio_call *call, plot *p, int64_t special) {
  const synthetic_config *c = w->config;
  p->canary = p->injection = p->campaign = -1;
  if (special < 0) return;
  if (special < c->canaries)
    p->canary = special;
  else if (special < c->canaries + c->injections)
    p->injection = special - c->canaries;
  else
    p->campaign = (special - c->canaries - c->injections) / c->campaign_size;
  if (p->campaign >= 0)
    p->campaign_dice.state = random_of(w, call, KEY_CAMPAIGN, (uint64_t)p->campaign);
}

/* The canary of the account, if it has one, is in half of its other conversations. */
static void meet_canary(const world *w, plot *p) {
  uint64_t n = (uint64_t)w->config->canaries, accounts = (uint64_t)w->config->accounts;
  int planted = dice_roll(&p->dice, 2) == 0;
  if (n == 0 || p->canary >= 0 || p->account >= accounts || !planted) return;
  uint64_t k = (p->account * n + accounts - 1) / accounts;
  if (k < n && k * accounts / n == p->account) p->canary = (int64_t)k;
}

static char *put_syllables(char *to, uint64_t bits, int count) {
  static const char first[] = "bdfgklmnprstvwxz", second[] = "aeiou";
  for (int i = 0; i < count; i++, bits >>= 6) {
    *to++ = first[bits & 15];
    *to++ = second[bits >> 4 & 3];
  }
  *to = '\0';
  return to;
}

/* Two words that are in no language. An odd factor modulo 2^24 keeps the first word of
 * every number another one. */
static void make_secret(const world *w, clio_call *call, uint64_t number, char *ret) {
  uint64_t base = random_of(w, call, KEY_CANARY, 0),
           own = random_of(w, call, KEY_CANARY, number + 1);
  char *end = put_syllables(ret, number * UINT64_C(0x9e3779b1) + base, 4);
  *end++ = ' ';
  put_syllables(end, own, 3);
}

static void make_plant(const world *w, clio_call *call, plot *p) {
  uint64_t canaries = (uint64_t)w->config->canaries;
  uint64_t injections = (uint64_t)w->config->injections;
  if (p->canary >= 0) make_secret(w, call, (uint64_t)p->canary, p->secret);
  if (p->injection >= 0) make_secret(w, call, canaries + (uint64_t)p->injection, p->secret);
  if (p->campaign >= 0)
    make_secret(w, call, canaries + injections + (uint64_t)p->campaign, p->secret);
}

static void choose_subject(const world *w, plot *p, uint64_t part) {
  dice *d = p->campaign >= 0 ? &p->campaign_dice : &p->dice;
  if (p->campaign >= 0)
    p->lang = choose_language(d, limit(w->config->languages, w->words.lang_count));
  p->topic = choose_topic(w, d, p->lang, part);
  p->lang = settle_language(&w->words, p->topic, p->lang);
}

plot plot_choose(const world *w, clio_call *call, uint64_t number) {
  plot p = {.dice = {w->host->random(call, number)}};
  uint64_t part;
  choose_special(w, call, &p, special_of(w, number));
  choose_account(w, call, &p);
  p.time = choose_time(&p.dice, &part);
  if (p.campaign >= 0) {
    p.time = campaign_time(&p);
    part = 500;
  }
  choose_subject(w, &p, part);
  p.turns = choose_turns(&p.dice);
  p.outcome = choose_outcome(w, &p);
  p.tells = dice_roll(&p.dice, million) < (uint64_t)(w->config->pii * (double)million + 0.5);
  p.tells_later = p.tells && p.turns > 1 && dice_roll(&p.dice, 3) == 0;
  p.mixed = dice_roll(&p.dice, 100) < 5 && p.lang != 0;
  if (p.injection < 0 && p.campaign < 0) meet_canary(w, &p);
  make_plant(w, call, &p);
  return p;
}
