/* profile.c - what a node's members do; see subject.h. */
#include "subject.h"

/* Shares of members above which a form or class names all of them, and shares of
 * a class that kinds or verbs must speak for. */
static const double form_share = 0.55, class_share = 0.62, enough = 0.75;

void profile_take(subject *s) {
  uint64_t known = 0, own = 0;
  profile *p = &s->profile;
  *p = (profile){0};
  double one = s->node->members > 0 ? 1 / (double)s->node->members : 0;
  for (uint64_t m = 0; m < s->node->members; m++) {
    const row_form *f = &s->forms[s->node->member[m]];
    known += f->language != FORM_UNKNOWN;
    own += f->language == s->language_number;
    p->class[f->class] += one;
    if (f->language != s->language_number || f->form == FORM_UNKNOWN) continue;
    p->form[f->form] += one;
    if (f->verb != FORM_UNKNOWN) p->verb[f->verb] += one;
  }
  p->own_language = known > 0 ? (double)own / (double)known : 0;
}

int profile_names(const subject *s) {
  const profile *p = &s->profile;
  if (p->own_language < 0.5 && s->common->name_set[NAME_LANGUAGES].alone.s) return NAME_LANGUAGES;
  if (p->class[CLASS_QUESTION] >= class_share) return NAME_QUESTION;
  if (p->class[CLASS_OTHER] >= class_share) return NAME_OTHER;
  if (p->class[CLASS_REQUEST] < class_share) return NAME_MIXED;
  const form *act = templates_form(s->language, "do");
  return act && p->form[act - s->language->form] >= form_share ? NAME_DO : NAME_REQUEST;
}

const form *profile_main_form(const subject *s) {
  for (uint32_t f = 0; f < s->language->forms; f++)
    if (s->profile.form[f] >= form_share) return &s->language->form[f];
  return NULL;
}

/* The next largest share above 0 that is not used; UINT32_MAX where none is. */
static uint32_t next_share(const double *share, uint32_t count, const uint8_t *used) {
  uint32_t best = UINT32_MAX;
  for (uint32_t i = 0; i < count; i++)
    if (!used[i] && share[i] > 0 && (best == UINT32_MAX || share[i] > share[best])) best = i;
  return best;
}

uint32_t profile_kinds(const subject *s, uint32_t most, clio_span ret[MAX_KINDS]) {
  uint8_t used[MAX_FORMS] = {0};
  double sum = 0, all = s->profile.class[CLASS_QUESTION];
  uint32_t count = 0;
  for (uint32_t f = 0; f < s->language->forms; f++)
    used[f] = s->language->form[f].class != CLASS_QUESTION || !s->language->form[f].kind.s;
  while (sum < enough * all && count < most) {
    uint32_t f = next_share(s->profile.form, s->language->forms, used);
    if (f == UINT32_MAX) break;
    used[f] = 1;
    sum += s->profile.form[f];
    ret[count++] = s->language->form[f].kind;
  }
  return sum >= enough * all ? count : 0;
}

uint32_t profile_verbs(const subject *s, uint32_t most, clio_span ret[MAX_NAME_VERBS]) {
  uint8_t used[MAX_VERBS] = {0};
  double sum = 0, all = 0;
  uint32_t count = 0;
  for (uint32_t v = 0; v < s->language->verbs; v++) all += s->profile.verb[v];
  while (sum < enough * all && count < most) {
    uint32_t v = next_share(s->profile.verb, s->language->verbs, used);
    if (v == UINT32_MAX || (count > 0 && s->profile.verb[v] < 0.06 * all)) break;
    used[v] = 1;
    sum += s->profile.verb[v];
    ret[count++] = s->language->verb[v].shown;
  }
  return count;
}
