/* wire_tokens.c - how many tokens a text is, by its scripts: no tokenizer, no table of
 * any vocabulary. Weights are what the public tokenizers of 32,000 to 200,000 pieces
 * make of the same sentences in many languages; see tests/stage/test_wire.c. */
#include "wire.h"

/* Hundredths of a token for each character of a class. */
typedef struct weight {
  uint16_t likely, most;
} weight;

enum {
  LETTER,
  SPACE,
  DIGIT,
  MARK,
  LINE,
  LATIN,
  GREEK,
  CYRILLIC,
  ARABIC,
  INDIC,
  THAI,
  HAN,
  OTHER,
  EMOJI
};
static const weight weights[] = {
    [LETTER] = {25, 50},  [SPACE] = {4, 15},   [DIGIT] = {45, 110}, [MARK] = {80, 110},
    [LINE] = {60, 110},   [LATIN] = {70, 180}, [GREEK] = {42, 220}, [CYRILLIC] = {38, 95},
    [ARABIC] = {45, 130}, [INDIC] = {60, 320}, [THAI] = {45, 260},  [HAN] = {82, 230},
    [OTHER] = {120, 320}, [EMOJI] = {200, 500}};

static int ascii_class(unsigned char c) {
  if ((unsigned)((c | 32) - 'a') < 26) return LETTER;
  if (c == ' ') return SPACE;
  if ((unsigned)(c - '0') < 10) return DIGIT;
  return c < ' ' ? LINE : MARK;
}

/* The class of a character by its first bytes; its length in *ret_len. */
static int class_of(const unsigned char *p, uint64_t left, uint64_t *ret_len) {
  *ret_len = 1;
  if (p[0] < 0x80) return ascii_class(p[0]);
  *ret_len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
  if (*ret_len > left) *ret_len = left;
  if (p[0] >= 0xf0) return EMOJI;
  if (p[0] < 0xcd) return LATIN;                                  /* up to U+033F */
  if (p[0] < 0xd0 || (p[0] >= 0xd4 && p[0] < 0xd7)) return GREEK; /* and Armenian */
  if (p[0] < 0xd4) return CYRILLIC;
  if (p[0] < 0xe0) return ARABIC; /* and Hebrew, up to U+07FF */
  unsigned second = left > 1 ? p[1] : 0;
  if (p[0] == 0xe0) return second < 0xb8 ? INDIC : THAI;        /* to U+0DFF, to U+0FFF */
  if (p[0] == 0xe1 && second >= 0xb8) return LATIN;             /* Vietnamese */
  if (p[0] >= 0xe3 && p[0] <= 0xef && p[0] != 0xee) return HAN; /* and kana, Hangul */
  return p[0] == 0xe2 ? MARK : OTHER;                           /* typographic marks; the rest */
}

/* How many ASCII letters and spaces stand from `at` on: most of most texts. */
static uint64_t count_letters(const char *text, uint64_t at, uint64_t len, uint64_t *ret_spaces) {
  uint64_t i = at, spaces = 0;
  for (; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    spaces += c == ' ';
    if (c != ' ' && (unsigned)((c | 32) - 'a') >= 26) break;
  }
  *ret_spaces = spaces;
  return i - at - spaces;
}

wire_tokens wire_count(const char *text, uint64_t len) {
  uint64_t likely = 0, most = 0, step = 1;
  for (uint64_t i = 0; i < len; i += step) {
    uint64_t spaces, letters = count_letters(text, i, len, &spaces);
    likely += letters * weights[LETTER].likely + spaces * weights[SPACE].likely;
    most += letters * weights[LETTER].most + spaces * weights[SPACE].most;
    i += letters + spaces;
    if (i == len) break;
    const weight *w = &weights[class_of((const unsigned char *)text + i, len - i, &step)];
    likely += w->likely;
    most += w->most;
  }
  return (wire_tokens){(int64_t)((likely + 99) / 100), (int64_t)((most + 99) / 100)};
}

/* A message's frame: roles and turns, and what is told in words. */
enum { FRAME_LIKELY = 6, FRAME_MOST = 64 };

static void add(wire_tokens *sum, const char *text, uint64_t len) {
  wire_tokens n = wire_count(text, len);
  sum->likely += n.likely;
  sum->most += n.most;
}

static void add_text(wire_tokens *sum, const char *text) {
  if (text) add(sum, text, strlen(text));
}

void wire_estimate(const clio_ask *ask, double factor, int cached, int64_t thinking,
                   clio_request *ret) {
  wire_tokens sum = {FRAME_LIKELY, FRAME_MOST}, shared = {0, 0};
  const clio_llm_job *job = ask->kind == CLIO_ASK_CHAT ? ask->job : NULL;
  for (uint64_t i = 0; !job && i < ask->count; i++)
    add(&sum, ask->texts[i], (uint64_t)ask->lens[i]);
  if (job) {
    add_text(&sum, job->system);
    uint64_t beginning = cached ? wire_shared(job) : 0;
    add(&sum, job->prompt, beginning);
    if (beginning) shared = sum;
    add_text(&sum, job->prompt + beginning);
    add_text(&sum, job->prefill);
    add_text(&sum, job->schema);
    if (job->schema) sum.most += sum.most / 8 + 512; /* what providers add for a form */
  }
  ret->in_likely = (int64_t)((double)sum.likely * factor + 0.5);
  ret->in_tokens = (int64_t)((double)sum.most * (factor > 1 ? factor : 1) + 0.5);
  ret->in_shared = (int64_t)((double)shared.likely * factor + 0.5);
  ret->out_tokens = job ? (int64_t)job->max_tokens + thinking : 0;
}
