/* prompt.c (fuzz) - foreign text in prompts: a conversation of any bytes makes a transcript within
 * its limit that holds no tag but ours, its fence can be found once at each end, and a template
 * of any bytes is rendered once, however often its places are named in what is put in.
 *
 * An input is messages with a line of "--" between; the first line chooses the limit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"
#include "tiny_host.h"
#include "transcript.h"

enum { MESSAGES = 64 };

static int64_t split(const char *text, int64_t len, clio_span *ret) {
  int64_t n = 0, start = 0;
  for (int64_t i = 0; i + 4 <= len && n < MESSAGES - 1; i++)
    if (memcmp(text + i, "\n--\n", 4) == 0) {
      ret[n++] = clio_span_of(text + start, i - start);
      start = i + 4;
    }
  ret[n++] = clio_span_of(text + start, len - start);
  return n;
}

static int is_ours(const char *at) {
  static const char *const tags[] = {"<user>\n",   "</user>\n",   "<assistant>\n", "</assistant>\n",
                                     "<system>\n", "</system>\n", "<tool>\n",      "</tool>\n",
                                     "<gap>",      "</gap>\n"};
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (strncmp(at, tags[i], strlen(tags[i])) == 0) return 1;
  return 0;
}

/* Opening and closing tags take turns, and nothing else looks like one. */
static void check_tags(const char *text) {
  int depth = 0, messages = 0;
  for (const char *at = text; (at = strchr(at, '<')); at++) {
    unsigned char next = (unsigned char)at[1 + strspn(at + 1, " \t")];
    if (next != '/' && (unsigned)((next | 32) - 'a') >= 26) continue;
    replay_require(is_ours(at), "a tag that is not ours");
    depth += at[1] == '/' ? -1 : 1;
    messages += at[1] != '/';
    replay_require(depth >= 0 && depth <= 2, "tags out of turn");
  }
  replay_require(depth == 0 && messages > 0, "a tag that stays open");
}

static int count(const char *text, const char *word) {
  int n = 0;
  for (const char *at = text; (at = strstr(at, word)); at += strlen(word)) n++;
  return n;
}

static void check_fence(clio_span text) {
  char mark[PROMPT_MARK];
  clio_span got;
  replay_require(prompt_mark(tiny_host(), NULL, &text, 1, mark) == CLIO_OK, "no mark");
  prompt_text t = prompt_begin(tiny_host(), NULL);
  prompt_fence(&t, "conversation", mark, text);
  replay_require(prompt_end(&t, &got) == CLIO_OK, "no memory");
  replay_require(count(got.s, mark) == 2, "the mark stands inside");
}

/* The length of what is rendered is the sum of its parts. */
static void check_render(const char *template, clio_span text) {
  static const char *const names[] = {"?a", "?b", NULL};
  const prompt_place places[] = {{"a", text}, {"b", clio_span_of("{{a}}", 5)}};
  clio_span full, empty;
  if (prompt_check(tiny_host(), NULL, "prompt", template, names) != CLIO_OK) return;
  prompt_text t = prompt_begin(tiny_host(), NULL), none = t;
  prompt_render(&t, template, places, 2);
  prompt_render(&none, template, NULL, 0);
  replay_require(prompt_end(&t, &full) == CLIO_OK && prompt_end(&none, &empty) == CLIO_OK,
                 "no memory");
  int64_t places_len = (int64_t)strlen(template) - empty.len;
  replay_require(places_len >= 0, "more than the template");
  replay_require(full.len >= empty.len && strlen(full.s) == (size_t)full.len, "a length is wrong");
  if (places_len == 0) replay_require(full.len == empty.len, "a place where there is none");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  clio_span texts[MESSAGES];
  clio_view role, content;
  char roles[MESSAGES + 1] = "";
  transcript t;
  if (size < 1) return 0;
  int64_t limit = TRANSCRIPT_LEAST + bytes[0] % 4 * 100;
  int64_t n = split((const char *)bytes + 1, (int64_t)size - 1, texts);
  for (int64_t i = 0; i < n; i++) roles[i] = "uast"[i % 4];
  tiny_conversation(roles, texts, &role, &content);
  replay_require(transcript_make(tiny_host(), NULL, &role, &content, 0, limit, &t) == CLIO_OK,
                 "no transcript");
  if (t.text.s) {
    replay_require(t.tokens <= limit && strlen(t.text.s) == (size_t)t.text.len, "too long");
    replay_require((t.outcome == TRANSCRIPT_CUT) == (count(t.text.s, "<gap>") > 0),
                   "a gap is not said");
    check_tags(t.text.s);
    check_fence(t.text);
  }
  char *template = calloc(1, size + 1);
  if (!template) abort();
  memcpy(template, bytes, size);
  check_render(template, t.text.s ? t.text : clio_span_of("{{b}}", 5));
  free(template);
  tiny_reset();
  return 0;
}

#ifndef CLIO_LIBFUZZER
int main(int argc, char **argv) { return replay_main(argc, argv, "prompt-corpus"); }
#endif
