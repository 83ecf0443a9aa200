/* level.c - what all steps of a level share; see level.h. */
#include "level.h"

enum { ABOUT_BYTES = 300 };

const char *level_title(const level *l, uint64_t item) { return l->r->title[l->first + item]; }

static clio_span about(const level *l, uint64_t node) {
  const llm_run *r = l->r;
  const char *own = r->tree.description[node];
  clio_span text = {NULL, 0};
  if (node < r->tree.leaves && r->in.has_description)
    text = clio_utf8(&r->in.description, r->in.leaf_row[node]);
  else if (own)
    text = clio_span_of(own, (int64_t)strlen(own));
  if (text.len > ABOUT_BYTES) {
    text.len = ABOUT_BYTES;
    while (text.len > 0 && ((unsigned char)text.s[text.len] & 0xC0) == 0x80) text.len--;
  }
  return text;
}

void level_put_items(const level *l, prompt_text *t, const uint64_t *item, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    const char *title = level_title(l, item[i]);
    clio_span more = about(l, l->first + item[i]);
    prompt_say(t, "- ");
    prompt_data_line(t, clio_span_of(title, (int64_t)strlen(title)));
    if (more.len > 0) prompt_say(t, ": ");
    if (more.len > 0) prompt_data_line(t, more);
    prompt_say(t, "\n");
  }
}

clio_status level_prompt(const level *l, const char *template, prompt_place *places, uint64_t n,
                         const char **ret) {
  enum { FENCED = 2 };
  const clio_host *host = l->r->w.host;
  clio_call *call = l->r->w.call;
  char mark[PROMPT_MARK];
  clio_span foreign[FENCED], text;
  prompt_text whole = prompt_begin(host, call);
  for (int i = 0; i < FENCED; i++) foreign[i] = places[i].text;
  CLIO_TRY(prompt_mark(host, call, foreign, FENCED, mark));
  for (int i = 0; i < FENCED; i++) {
    prompt_text fenced = prompt_begin(host, call);
    if (foreign[i].len > 0) prompt_fence(&fenced, places[i].name, mark, foreign[i]);
    CLIO_TRY(prompt_end(&fenced, &places[i].text));
  }
  prompt_render(&whole, template, places, n);
  CLIO_TRY(prompt_end(&whole, &text));
  *ret = text.s;
  return CLIO_OK;
}

uint64_t level_random(const level *l, uint32_t what, uint64_t k) {
  uint64_t key = (l->number << 8 | what) * 0x9E3779B97F4A7C15u + k;
  return l->r->w.host->random(l->r->w.call, key);
}
