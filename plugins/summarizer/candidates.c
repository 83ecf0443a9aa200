/* candidates.c - sentences of a user's messages and how likely each is the
 * request; see candidates.h. Scores are small integers: a request or a question
 * counts most, then where it stands, then what it looks like. */
#include "candidates.h"

#include "sentence.h"

const char *const candidate_kinds[] = {"verb", "ask", "greeting", "role", "empty", NULL};
enum { VERB = 1u << 0, ASK = 1u << 1, GREETING = 1u << 2, ROLE = 1u << 3, EMPTY = 1u << 4 };

/* Of a long message only the head and the tail are read: what was asked stands
 * before or behind what was pasted. */
enum { HEAD = 2000, TAIL = 1200, MAX_WORDS = 80, PER_MESSAGE = 24 };

/* ---- what a line looks like ---- */

static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Is it data, code or markup rather than a sentence? By the share of characters
 * that are neither letters, blanks nor the usual marks; 'f(' and 'a.b' are odd. */
static int looks_like_code(clio_span line) {
  int64_t odd = 0, all = 0;
  for (int64_t i = 0; i < line.len; i++) {
    unsigned char c = (unsigned char)line.s[i];
    if (c >= 0x80) {
      all += (c & 0xC0u) != 0x80u;
      continue;
    }
    int glued = i > 0 && i + 1 < line.len && is_letter(line.s[i - 1]);
    all++;
    odd += strchr("{}[]<>=;|\\/_$#&*+^~@`", c) != NULL && c;
    odd += glued && (c == '(' || (c == '.' && is_letter(line.s[i + 1])));
  }
  char last = line.s[line.len - 1];
  if (odd > 0 && (last == ';' || last == '{' || last == '}')) return 1;
  return odd * 10 > all && odd > 2;
}

static int starts_with(clio_span line, const char *prefix) {
  int64_t n = (int64_t)strlen(prefix);
  return line.len >= n && memcmp(line.s, prefix, (size_t)n) == 0;
}

/* Marks of lists, headings and emphasis before a sentence: '- ', '## ', '3) '. */
static clio_span without_bullet(clio_span s) {
  static const char bullet[] = "•";
  while (s.len > 0 && strchr("#*->+\t _", *s.s)) s.s++, s.len--;
  if (starts_with(s, bullet))
    s = clio_span_of(s.s + sizeof bullet - 1, s.len - (int64_t)sizeof bullet + 1);
  int64_t i = 0;
  while (i < s.len && i < 3 && s.s[i] >= '0' && s.s[i] <= '9') i++;
  if (i > 0 && i + 1 < s.len && (s.s[i] == ')' || s.s[i] == '.') && s.s[i + 1] == ' ')
    i += 2;
  else
    i = 0;
  while (i < s.len && s.s[i] == ' ') i++;
  return clio_span_of(s.s + i, s.len - i);
}

/* ---- one sentence ---- */

typedef struct place {
  int first, last; /* of its message */
  int after_colon; /* material that an earlier line announced */
  int item;        /* of a list */
  int32_t message;
} place;

static void score(candidate *c, uint32_t found, uint32_t front, const place *at) {
  int question = sentence_is_question(c->text.s, c->text.len);
  c->question = question;
  c->pasted = at->after_colon;
  c->greeting = found == GREETING && c->words <= 4;
  c->asks = question || (front & VERB) || (found & ASK);
  c->score = 0;
  c->score += question ? 4 : 0;
  c->score += front & VERB ? 5 : 0;
  c->score += found & ASK ? 4 : 0;
  c->score += at->first ? 5 : 0;
  c->score += at->last && !at->first ? 1 : 0;
  c->score -= found & ROLE ? 5 : 0;
  c->score -= at->after_colon ? 4 : 0;
  c->score -= at->item ? 2 : 0;
  c->score -= found & EMPTY && c->words <= 9 ? 8 : 0;
  c->score -= c->words < 3 && c->text.len < 12 ? 4 : 0;
  c->score -= looks_like_code(c->text) ? 8 : 0;
  c->score -= 5 * at->message;
}

static clio_status add_sentence(const clio_host *host, clio_call *call, const clio_text *text,
                                const formlist *forms, clio_span span, place at, candidate *found,
                                int32_t *count) {
  folded words;
  uint32_t front;
  candidate c = {.text = without_bullet(span), .message = at.message};
  at.item = c.text.s != span.s;
  if (*count >= MAX_CANDIDATES || c.text.len == 0) return CLIO_OK;
  CLIO_TRY(formlist_fold(host, call, text, c.text, MAX_WORDS, &words));
  if (words.count == 0) return CLIO_OK;
  uint32_t kinds = formlist_match(forms, &words, &front);
  c.words = (int32_t)words.count;
  score(&c, kinds, front, &at);
  found[(*count)++] = c;
  return CLIO_OK;
}

/* ---- one message ---- */

/* Steps over fenced code and quoted lines that begin at `pos`, which is the
 * start of a line. Returns where to go on. */
static int64_t skip_blocks(clio_span m, int64_t pos) {
  for (;;) {
    int64_t line = pos;
    while (line < m.len && (m.s[line] == ' ' || m.s[line] == '\t')) line++;
    clio_span rest = clio_span_of(m.s + line, m.len - line);
    int fence = starts_with(rest, "```") || starts_with(rest, "~~~");
    if (!fence && !starts_with(rest, "> ") && !starts_with(rest, "|")) return pos;
    const char *end = memchr(rest.s, '\n', (size_t)rest.len);
    if (fence) { /* to the line that closes it, or to the end */
      char mark[4] = {rest.s[0], rest.s[0], rest.s[0], '\0'};
      end = end ? strstr(end, mark) : NULL;
      end = end && end < m.s + m.len ? memchr(end, '\n', (size_t)(m.s + m.len - end)) : NULL;
    }
    if (!end || end >= m.s + m.len) return m.len;
    pos = end + 1 - m.s;
  }
}

static int starts_line(clio_span m, int64_t pos) { return pos == 0 || m.s[pos - 1] == '\n'; }

/* Steps `pos` back over blanks to the start of its line, for skip_blocks(). */
static int64_t line_start(clio_span m, int64_t pos) {
  while (pos < m.len && (m.s[pos] == '\n' || m.s[pos] == '\r')) pos++;
  return pos;
}

static clio_status add_part(const clio_host *host, clio_call *call, const clio_text *text,
                            const formlist *forms, clio_span part, place at, candidate *found,
                            int32_t *count) {
  int64_t pos = 0, start, end;
  int32_t limit = *count + PER_MESSAGE;
  while (*count < limit) {
    pos = line_start(part, pos);
    if (starts_line(part, pos)) pos = skip_blocks(part, pos);
    if (!sentence_next(part.s, part.len, &pos, &start, &end)) break;
    clio_span s = clio_span_of(part.s + start, end - start);
    int32_t before = *count;
    CLIO_TRY(add_sentence(host, call, text, forms, s, at, found, count));
    if (*count == before) continue;
    if (!found[before].greeting) at.first = 0;
    at.after_colon = at.after_colon || s.s[s.len - 1] == ':' || starts_with(s, "\"\"\"");
  }
  return CLIO_OK;
}

clio_status candidates_add(const clio_host *host, clio_call *call, const clio_text *text,
                           const formlist *forms, clio_span content, int32_t message,
                           candidate *found, int32_t *count) {
  place at = {.first = 1, .message = message};
  int32_t before = *count;
  if (content.len <= HEAD + TAIL) {
    CLIO_TRY(add_part(host, call, text, forms, content, at, found, count));
  } else {
    int64_t tail = content.len - TAIL;
    while (tail < content.len && content.s[tail] != '\n') tail++;
    clio_span head = clio_span_of(content.s, sentence_cut(content.s, content.len, HEAD));
    if (head.len > tail) head.len = tail;
    CLIO_TRY(add_part(host, call, text, forms, head, at, found, count));
    at.first = 0;
    at.after_colon = 1;
    CLIO_TRY(add_part(host, call, text, forms, clio_span_of(content.s + tail, content.len - tail),
                      at, found, count));
  }
  if (*count > before + 1) { /* the last sentence may ask about all before it */
    candidate *last = &found[*count - 1];
    last->score += !last->asks ? 1 : (last->question || last->pasted ? 5 : 2);
  }
  return CLIO_OK;
}
