/* ask.c - see ask.h. */
#include "ask.h"

#include <CUnit/CUnit.h>
#include <string.h>

const char ask_secret[] = "sk-secret-0123456789";

static void on_done(void *ctx, const http_reply *r) {
  outcome *o = ctx;
  g_mutex_lock(&o->lock);
  o->calls++;
  o->end = r->end;
  o->status = r->status;
  o->body = g_strndup(r->body, r->body_len);
  o->length = r->body_len;
  o->why = g_strdup(r->why);
  o->header = g_strdup(http_header(r, "x-test"));
  o->left = r->left;
  o->seconds = r->seconds;
  g_cond_signal(&o->cond);
  g_mutex_unlock(&o->lock);
}

static void outcome_wait(outcome *o) {
  g_mutex_lock(&o->lock);
  while (!o->calls) g_cond_wait(&o->cond, &o->lock);
  g_mutex_unlock(&o->lock);
}

void outcome_clear(outcome *o) {
  g_free(o->body);
  g_free(o->why);
  g_free(o->header);
  memset(o, 0, sizeof *o);
}

static const char *const plain_headers[] = {"content-type: application/json", NULL};

http_request post_to(const char *url) {
  return (http_request){.url = url,
                        .headers = plain_headers,
                        .key_header = "authorization: Bearer ",
                        .key = ask_secret,
                        .body = "{\"text\": \"private words\"}",
                        .body_len = 25};
}

outcome ask_with(http *h, const http_request *r) {
  outcome o = {0};
  http_post(h, r, on_done, &o);
  outcome_wait(&o);
  if (o.why) {
    CU_ASSERT_PTR_NULL(strstr(o.why, ask_secret));
    CU_ASSERT_PTR_NULL(strstr(o.why, "private"));
    CU_ASSERT_PTR_NULL(strstr(o.why, "token="));
  }
  CU_ASSERT_EQUAL(o.why == NULL, o.end == HTTP_WHOLE);
  return o;
}
