/* lane_judge.c - what a reply says by its status line, headers and way of ending alone:
 * the policy of the providers' own clients (anthropic-sdk-python and openai-python retry
 * 408, 409, 429, 5xx and lost connections, and obey x-should-retry). */
#include <string.h>
#include <time.h>

#include "lane.h"
#include "lane_retry.h"

typedef struct rule {
  uint32_t first, last, outcome;
  bool congested, failing;
  const char *why;
} rule;

/* The first that fits. */
static const rule rules[] = {
    {200, 299, CLIO_OUT_OK, false, false, NULL},
    {300, 399, CLIO_OUT_FATAL, false, false,
     "the server points to another address; give that one (redirects are not followed)"},
    {401, 401, CLIO_OUT_FATAL, false, false, "the key is not accepted (401)"},
    {402, 402, CLIO_OUT_SPENT, false, false, "the provider wants to be paid first (402)"},
    {403, 403, CLIO_OUT_FATAL, false, false, "the key may not do this (403)"},
    {404, 404, CLIO_OUT_FATAL, false, false, "no such model or address (404)"},
    {407, 407, CLIO_OUT_FATAL, false, false, "the proxy wants a login (407)"},
    {408, 408, CLIO_OUT_TRANSIENT, false, false, "the provider waited too long for us (408)"},
    {409, 409, CLIO_OUT_TRANSIENT, false, false, "the provider reports a conflict (409)"},
    {413, 413, CLIO_OUT_INVALID, false, false, "the request is too large (413)"},
    {429, 429, CLIO_OUT_TRANSIENT, true, false, "too many requests (429)"},
    {400, 499, CLIO_OUT_INVALID, false, false, "the provider does not accept the request (4xx)"},
    {503, 503, CLIO_OUT_TRANSIENT, true, true, "the provider is overloaded (503)"},
    {529, 529, CLIO_OUT_TRANSIENT, true, true, "the provider is overloaded (529)"},
    {500, 599, CLIO_OUT_TRANSIENT, false, true, "the provider failed (5xx)"},
    {0, UINT32_MAX, CLIO_OUT_TRANSIENT, false, true, "the answer has no known status"},
};

static const rule *rule_of(uint32_t status) {
  const rule *r = rules;
  while (status < r->first || status > r->last) r++;
  return r;
}

static void judge_status(const http_reply *reply, lane_verdict *v) {
  const rule *r = rule_of(reply->status);
  v->outcome = r->outcome;
  v->congested = r->congested;
  v->failing = r->failing;
  v->why = r->why;
}

static void judge_end(const http_reply *reply, lane_verdict *v) {
  v->outcome = reply->end == HTTP_REFUSED ? CLIO_OUT_FATAL : CLIO_OUT_TRANSIENT;
  v->failing = reply->end == HTTP_UNSENT || reply->end == HTTP_LOST;
  v->why = reply->why;
  /* An early answer may reset the connection that our body is still going out on. */
  if (reply->end == HTTP_LOST && (reply->status == 429 || reply->status == 529))
    v->congested = true;
}

/* The provider's explicit word. A limit that waiting does not lift is one of money. */
static void judge_hint(const http_reply *reply, lane_verdict *v) {
  const char *hint = http_header(reply, "x-should-retry");
  if (!hint) return;
  if (!strcmp(hint, "true")) {
    v->retry = LANE_RETRY_ALWAYS;
    if (v->outcome == CLIO_OUT_INVALID) v->outcome = CLIO_OUT_TRANSIENT;
  } else if (!strcmp(hint, "false")) {
    v->retry = LANE_RETRY_NEVER;
    if (reply->status == 429) v->outcome = CLIO_OUT_SPENT;
  }
}

void lane_judge_status(const http_reply *reply, lane_verdict *ret) {
  memset(ret, 0, sizeof *ret);
  ret->in_tokens = ret->out_tokens = -1;
  for (int i = 0; i < CLIO_RATES; i++) ret->rates[i] = (clio_rate){-1, -1, -1};
  if (reply->end == HTTP_WHOLE)
    judge_status(reply, ret);
  else
    judge_end(reply, ret);
  ret->wait_ms = ret->outcome == CLIO_OUT_OK ? -1 : lane_retry_after(reply, (int64_t)time(NULL));
  judge_hint(reply, ret);
}
