/* estimate.c - see estimate.h. */
#include "estimate.h"

#include <math.h>

enum { MINUTE = 60, DAY = 86400 };

/* ---- ways to ask ---- */

/* What is paid for, at one end of the range. */
static price_usage usage_of(const estimate_load *l, uint32_t way, bool high) {
  int64_t text = high ? l->text.high : l->text.low;
  int64_t cacheable = high ? l->cacheable.high : l->cacheable.low;
  int64_t others = way & ESTIMATE_FUSED ? 0 : l->parts - 1;
  price_usage u = {.batch = way & ESTIMATE_BATCH};
  u.input = text * (1 + others) + (high ? l->question.high : l->question.low);
  u.output = high ? l->answer.high : l->answer.low;
  if (way & ESTIMATE_CACHED && others > 0) {
    u.cache_write_5m = cacheable;
    u.cache_read = cacheable * others;
  }
  return u;
}

/* The slowest of the limits decides; the last call's own time comes on top. What is read
 * from a provider's cache does not count against its limit of tokens. */
static double seconds_of(const estimate_limits *m, int64_t calls, const price_usage *u) {
  double seconds = 0;
  if (calls == 0) return 0;
  if (m->concurrency > 0) seconds = (double)calls * m->seconds / (double)m->concurrency;
  if (m->requests > 0) seconds = fmax(seconds, (double)calls * MINUTE / (double)m->requests);
  if (m->in_tokens > 0)
    seconds = fmax(seconds, (double)(u->input - u->cache_read) * MINUTE / (double)m->in_tokens);
  if (m->out_tokens > 0)
    seconds = fmax(seconds, (double)u->output * MINUTE / (double)m->out_tokens);
  return fmax(seconds, m->seconds);
}

estimate estimate_way(const estimate_load *l, const estimate_limits *m, uint32_t way) {
  price_usage low = usage_of(l, way, false), high = usage_of(l, way, true);
  estimate e = {.calls = l->calls * (way & ESTIMATE_FUSED ? 1 : l->parts)};
  int64_t each = MAX(e.calls, 1);
  e.in = (estimate_range){low.input, high.input};
  e.out = (estimate_range){low.output, high.output};
  e.cost.low = price_cost_of_many(l->price, low.input / each, &low);
  e.cost.high = price_cost_of_many(l->price, high.input / each, &high);
  if (way & ESTIMATE_BATCH) {
    e.seconds_high = e.calls ? DAY : 0;
    return e;
  }
  e.seconds_low = seconds_of(m, e.calls, &low);
  e.seconds_high = seconds_of(m, e.calls, &high);
  return e;
}

static int64_t add_money(int64_t a, int64_t b) {
  return a == MONEY_UNKNOWN || b == MONEY_UNKNOWN ? MONEY_UNKNOWN : money_add(a, b);
}

void estimate_add(estimate *to, const estimate *e) {
  to->calls += e->calls;
  to->in.low += e->in.low;
  to->in.high += e->in.high;
  to->out.low += e->out.low;
  to->out.high += e->out.high;
  to->cost.low = add_money(to->cost.low, e->cost.low);
  to->cost.high = add_money(to->cost.high, e->cost.high);
  to->seconds_low += e->seconds_low;
  to->seconds_high += e->seconds_high;
}

/* ---- from a sample to all rows ---- */

estimate_range estimate_scale(const int64_t *tokens, size_t n, int64_t rows, int doubt) {
  if (n == 0 || rows <= 0) return (estimate_range){0, 0};
  double sum = 0, squares = 0, count = (double)n;
  for (size_t i = 0; i < n; i++) sum += (double)tokens[i];
  double mean = sum / count;
  for (size_t i = 0; i < n; i++) squares += ((double)tokens[i] - mean) * ((double)tokens[i] - mean);
  double unseen = fmax(0, 1 - count / (double)rows);
  double spread = n > 1 ? sqrt(squares / (count - 1) / count * unseen) : mean * (unseen > 0);
  double low = (mean - 2 * spread) * (1 - doubt / 100.0);
  double high = (mean + 2 * spread) * (1 + doubt / 100.0);
  return (estimate_range){llrint(fmax(0, low) * (double)rows), llrint(high * (double)rows)};
}

/* ---- tokens of a text ---- */

/* Thousandths of a token. Fitted to a byte-pair encoding of our day (o200k) on English,
 * Russian and Japanese conversations and on sentences of 42 languages: collections of
 * conversations within 6 %, sentences of large languages mostly within 15 %, of rare ones
 * up to half too few. */
enum {
  WORD_ENGLISH = 883,
  LETTER_ENGLISH = 49,
  WORD_LATIN = 325,
  LETTER_LATIN = 179,
  ACCENTED = 1115,
  DIGIT = 1120,
  PUNCTUATION = 171,
  NEWLINE = 1342,
  WORD_CYRILLIC = 1143
};

/* Ranges of code points in rising order; what is in none counts as `other`. */
typedef struct token_range {
  gunichar first, last;
  int milli;
} token_range;

static const token_range token_ranges[] = {
    {0x80, 0xBF, PUNCTUATION}, {0x370, 0x3FF, 415},           {0x400, 0x52F, 118},
    {0x590, 0x77F, 406},       {0x900, 0xDFF, 401},           {0xE00, 0x109F, 413},
    {0x1100, 0x11FF, 796},     {0x1200, 0x13FF, 2233},        {0x1780, 0x17FF, 413},
    {0x1EA0, 0x1EFF, 129},     {0x2000, 0x303F, PUNCTUATION}, {0x3040, 0x30FF, 701},
    {0x3400, 0x9FFF, 925},     {0xAC00, 0xD7AF, 796},         {0xFF00, 0xFFEF, PUNCTUATION},
    {0x1F000, 0x1FAFF, 1371},  {0x20000, 0x2FFFF, 925}};

static int milli_of(gunichar c) {
  for (size_t i = 0; i < G_N_ELEMENTS(token_ranges); i++)
    if (c <= token_ranges[i].last) return c >= token_ranges[i].first ? token_ranges[i].milli : 364;
  return 364;
}

static bool is_accented(gunichar c) { return c >= 0xC0 && c <= 0x24F; }
static bool is_cyrillic(gunichar c) { return c >= 0x400 && c <= 0x52F; }
static bool is_latin(gunichar c) {
  return (c < 0x80 && g_ascii_isalpha((char)c)) || is_accented(c) || (c >= 0x1EA0 && c <= 0x1EFF);
}

typedef struct token_count {
  int64_t letters, words, accents; /* of Latin script */
  int64_t milli;                   /* of all the rest */
} token_count;

static void count_char(token_count *n, gunichar c, gunichar before) {
  if (is_latin(c) && !is_latin(before)) n->words++;
  if (is_accented(c) || (c >= 0x1EA0 && c <= 0x1EFF)) n->accents++;
  if (is_accented(c))
    n->milli += ACCENTED;
  else if (is_latin(c) && c < 0x80)
    n->letters++;
  else if (c >= 0x80)
    n->milli += milli_of(c) + (is_cyrillic(c) && !is_cyrillic(before) ? WORD_CYRILLIC : 0);
  else if (c == '\n')
    n->milli += NEWLINE;
  else if (g_ascii_isdigit((char)c))
    n->milli += DIGIT;
  else if (g_ascii_isgraph((char)c))
    n->milli += PUNCTUATION;
}

int64_t estimate_tokens(const char *utf8, int64_t length) {
  token_count n = {0};
  gunichar before = 0;
  const char *end = utf8 + length;
  for (const char *p = utf8; p < end; p = g_utf8_next_char(p)) {
    gunichar c = g_utf8_get_char_validated(p, end - p);
    if (c >= 0xFFFFFFFE) c = 0xFFFD;
    count_char(&n, c, before);
    before = c;
  }
  /* English has next to no accents; other languages of Latin script cost more. */
  bool english = n.accents * 250 <= n.letters;
  n.milli += n.words * (english ? WORD_ENGLISH : WORD_LATIN) +
             n.letters * (english ? LETTER_ENGLISH : LETTER_LATIN);
  return (n.milli + 999) / 1000;
}
