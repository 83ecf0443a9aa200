/* filling.c - templates filled with lists of words; see filling.h. */
#include "filling.h"

#include "surface.h"

enum { PLAIN = 0, AND = 1, OR = 2 }; /* how a list ends: as join[] */

static void append(char *text, const char *part, int64_t len) {
  size_t used = strlen(text);
  snprintf(text + used, FILLED_TEXT - used, "%.*s", (int)len, part);
}

/* Verbs as shown begin with a large letter; inside a list they must not. */
static void join_verbs(const language *l, const filling *f, char *text) {
  char small[MAX_NAME_VERBS][DEED_TEXT];
  clio_span item[MAX_NAME_VERBS];
  for (uint32_t i = 0; i < f->verbs; i++) {
    snprintf(small[i], DEED_TEXT, "%.*s", (int)f->verb[i].len, f->verb[i].s);
    surface_lower_first(small[i]);
    item[i] = clio_span_of(small[i], (int64_t)strlen(small[i]));
  }
  deeds_join(l, item, f->verbs, OR, text, FILLED_TEXT);
}

static void fill_mark(const language *l, char mark, const filling *f, char *text) {
  switch (mark) {
  case 'T': deeds_join(l, f->topic, f->topics, AND, text, FILLED_TEXT); break;
  case 'O': deeds_join(l, f->topic, f->topics, OR, text, FILLED_TEXT); break;
  case 'K': deeds_join(l, f->kind, f->kinds, AND, text, FILLED_TEXT); break;
  case 'V': deeds_join(l, f->slot, f->slots, OR, text, FILLED_TEXT); break;
  case 'v': deeds_join(l, f->slot, f->slots, PLAIN, text, FILLED_TEXT); break;
  case 'D': deeds_join(l, f->deed, f->deeds, OR, text, FILLED_TEXT); break;
  case 'B': join_verbs(l, f, text); break;
  default: break;
  }
}

void filling_write(const language *l, clio_span template, const filling *f, char *ret) {
  ret[0] = '\0';
  for (int64_t i = 0; i < template.len; i++) {
    size_t used = strlen(ret);
    if (i + 2 < template.len && template.s[i] == '{' && template.s[i + 2] == '}') {
      fill_mark(l, template.s[i + 1], f, ret);
      i += 2;
    } else if (template.s[i] != ' ' || (used > 0 && ret[used - 1] != ' ')) {
      append(ret, template.s + i, 1);
    }
  }
  surface_upper_first(ret);
}
