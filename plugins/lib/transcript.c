/* transcript.c - see transcript.h. */
#include "transcript.h"

#include "wire.h"

/* Tokens of a message's two tags and line ends, and of a gap said in words. */
enum { TAGS = 12, GAP = 24, BYTES_PER_TOKEN = 128 };

/* One message, escaped; of a shortened one the beginning and the end. */
typedef struct message {
  const char *role;
  clio_span text, end; /* end.s = NULL: it is whole */
  int64_t tokens;
} message;

typedef struct conversation {
  message *items;
  int64_t count, total; /* messages, tokens of all */
} conversation;

static int64_t count_tokens(clio_span s) {
  return s.len > 0 ? wire_count(s.s, (uint64_t)s.len).likely : 0;
}

static const char *role_of(clio_span role) {
  static const char *const roles[] = {"user", "assistant", "system", "tool"};
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
    if (clio_span_is(role, roles[i])) return roles[i];
  return "other";
}

static int is_blank(clio_span s) {
  for (int64_t i = 0; i < s.len; i++)
    if (!strchr(" \t\r\n", s.s[i]) || !s.s[i]) return 0;
  return 1;
}

/* The messages that say something. */
static clio_status read_messages(const clio_host *host, clio_call *call, const clio_view *role,
                                 const clio_view *content, uint64_t row, conversation *ret) {
  int64_t n = clio_list_count(content, row), roles = clio_list_count(role, row);
  ret->items = clio_scratch_array(host, call, (uint64_t)n, sizeof *ret->items);
  if (!ret->items) return clio_nomem(host, call);
  for (int64_t i = 0; i < n; i++) {
    message *m = &ret->items[ret->count];
    prompt_text t = prompt_begin(host, call);
    prompt_data(&t, clio_list_at(content, row, i));
    CLIO_TRY(prompt_end(&t, &m->text));
    if (is_blank(m->text)) continue;
    m->role = role_of(i < roles ? clio_list_at(role, row, i) : clio_span_of("", 0));
    m->tokens = count_tokens(m->text) + TAGS;
    ret->total += m->tokens;
    ret->count++;
  }
  return CLIO_OK;
}

/* ---- one message that is too long ---- */

/* The border of a character at or next to `at`, in the direction of `step`. */
static int64_t char_border(clio_span s, int64_t at, int step) {
  while (at > 0 && at < s.len && ((unsigned char)s.s[at] & 0xc0) == 0x80) at += step;
  return at;
}

/* Bytes of the longest beginning (from_end: end) of at most so many tokens. */
static int64_t fitting(clio_span s, int64_t tokens, int from_end) {
  int64_t low = 0, high = tokens * BYTES_PER_TOKEN;
  if (high > s.len) high = s.len;
  while (low < high) {
    int64_t mid = low + (high - low + 1) / 2;
    clio_span part = from_end ? clio_span_of(s.s + s.len - mid, mid) : clio_span_of(s.s, mid);
    if (count_tokens(part) <= tokens)
      low = mid;
    else
      high = mid - 1;
  }
  return low;
}

/* Moves a cut to the next blank or line end within a few words, if there is one. */
static int64_t word_border(clio_span s, int64_t at, int step) {
  enum { NEAR = 40 };
  for (int64_t i = at, k = 0; k < NEAR && i > 0 && i < s.len; i += step, k++)
    if (s.s[i] == ' ' || s.s[i] == '\n') return i;
  return char_border(s, at, step);
}

/* Keeps two thirds from its beginning and a third from its end. */
static void shorten(message *m, int64_t tokens) {
  clio_span all = m->text;
  int64_t room = tokens - TAGS - GAP;
  if (room < 3) return;
  int64_t head = word_border(all, fitting(all, room - room / 3, 0), -1);
  int64_t tail = word_border(all, all.len - fitting(all, room / 3, 1), 1);
  m->text = clio_span_of(all.s, head);
  m->end = clio_span_of(all.s + tail, all.len - tail);
  m->tokens = count_tokens(m->text) + count_tokens(m->end) + TAGS + GAP;
}

/* ---- what is kept ---- */

/* Shortens the messages that alone take more than half of the limit. */
static void shorten_long(conversation *c, int64_t limit) {
  int64_t longest = 0, cap, total = 0;
  for (int64_t i = 0; i < c->count; i++)
    if (c->items[i].tokens > longest) longest = c->items[i].tokens;
  cap = limit - (c->total - longest);
  if (cap < (limit - GAP) / 2) cap = (limit - GAP) / 2;
  for (int64_t i = 0; i < c->count; i++) {
    if (c->items[i].tokens > cap) shorten(&c->items[i], cap);
    total += c->items[i].tokens;
  }
  c->total = total;
}

/* How many messages stay at the beginning and at the end; 0 left out where all fit. */
static void choose(const conversation *c, int64_t limit, int64_t *ret_head, int64_t *ret_tail) {
  int64_t head = 0, tail = 0, used = 0, room = limit - GAP;
  if (c->total <= limit) {
    *ret_head = c->count;
    *ret_tail = 0;
    return;
  }
  while (head < c->count && used + c->items[head].tokens <= room / 2)
    used += c->items[head++].tokens;
  while (head + tail < c->count && used + c->items[c->count - 1 - tail].tokens <= room)
    used += c->items[c->count - 1 - tail++].tokens;
  while (head + tail < c->count && used + c->items[head].tokens <= room)
    used += c->items[head++].tokens;
  *ret_head = head;
  *ret_tail = tail;
}

static void put_message(prompt_text *t, const message *m, int64_t characters_gone) {
  prompt_say(t, "<%s>\n", m->role);
  prompt_put(t, m->text);
  if (m->end.s) {
    prompt_say(t, "\n<gap>about %lld characters of this message are left out</gap>\n",
               (long long)characters_gone);
    prompt_put(t, m->end);
  }
  prompt_say(t, "\n</%s>\n", m->role);
}

static int64_t count_characters(clio_span s) {
  int64_t n = 0;
  for (int64_t i = 0; i < s.len; i++) n += ((unsigned char)s.s[i] & 0xc0) != 0x80;
  return n;
}

/* What lies between the two kept parts, in the memory they share. */
static int64_t characters_gone(const message *m) {
  const char *from = m->text.s + m->text.len;
  return m->end.s ? count_characters(clio_span_of(from, m->end.s - from)) : 0;
}

/* Returns how many of the messages are shortened. */
static int64_t put_all(prompt_text *t, const conversation *c, int64_t head, int64_t tail) {
  int64_t gone = c->count - head - tail, shortened = 0;
  for (int64_t i = 0; i < c->count; i++) {
    const message *m = &c->items[i];
    if (i == head && gone > 0)
      prompt_say(t, "<gap>%lld %s left out here</gap>\n", (long long)gone,
                 gone == 1 ? "message is" : "messages are");
    if (i >= head && i < c->count - tail) continue;
    put_message(t, m, characters_gone(m));
    shortened += m->end.s != NULL;
  }
  return shortened;
}

clio_status transcript_make(const clio_host *host, clio_call *call, const clio_view *role,
                            const clio_view *content, uint64_t row, int64_t tokens,
                            transcript *ret) {
  conversation c = {0};
  int64_t head, tail;
  *ret = (transcript){.outcome = TRANSCRIPT_EMPTY};
  CLIO_TRY(read_messages(host, call, role, content, row, &c));
  if (c.count == 0) return CLIO_OK;
  if (c.total > tokens) shorten_long(&c, tokens);
  choose(&c, tokens, &head, &tail);
  ret->outcome = TRANSCRIPT_TOO_LONG;
  if (head + tail == 0) return CLIO_OK;
  prompt_text t = prompt_begin(host, call);
  ret->shortened = put_all(&t, &c, head, tail);
  CLIO_TRY(prompt_end(&t, &ret->text));
  ret->left_out = c.count - head - tail;
  ret->tokens = count_tokens(ret->text);
  ret->outcome = ret->left_out + ret->shortened > 0 ? TRANSCRIPT_CUT : TRANSCRIPT_WHOLE;
  if (ret->tokens <= tokens) return CLIO_OK;
  *ret = (transcript){.outcome = TRANSCRIPT_TOO_LONG, .tokens = ret->tokens};
  return CLIO_OK;
}
