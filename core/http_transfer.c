/* http_transfer.c - one request: its curl handle, the bytes that go and come, and how it
 * ended. The body is handed over through a read function that cannot be rewound, so that
 * curl never sends it a second time by itself: whether a server may have worked on a
 * request twice is for our caller to know. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "http_parts.h"

enum { ANSWER_START = 4096 };

/* ---- making ---- */

static bool is_header_safe(const char *line) {
  for (; *line; line++)
    if ((unsigned char)*line < ' ' || *line == 0x7f) return false;
  return true;
}

static void wipe_headers(struct curl_slist *headers) {
  for (struct curl_slist *n = headers; n; n = n->next) explicit_bzero(n->data, strlen(n->data));
  curl_slist_free_all(headers);
}

static void add_key(transfer *t, const char *name, const char *key) {
  size_t length = strlen(name) + strlen(key) + 1;
  char *line = g_malloc(length);
  g_strlcpy(line, name, length);
  g_strlcat(line, key, length);
  if (is_header_safe(line))
    t->headers = curl_slist_append(t->headers, line);
  else
    g_strlcpy(t->refused, "the key holds a line break or another control character",
              sizeof t->refused);
  explicit_bzero(line, length);
  g_free(line);
}

static void add_headers(transfer *t, const http_request *r) {
  t->headers = curl_slist_append(NULL, "expect:");
  for (const char *const *line = r->headers; line && *line; line++) {
    if (is_header_safe(*line))
      t->headers = curl_slist_append(t->headers, *line);
    else
      g_strlcpy(t->refused, "a header of the request holds a control character", sizeof t->refused);
  }
  if (r->key_header && r->key) add_key(t, r->key_header, r->key);
}

transfer *transfer_new(http *h, const http_request *r, http_done done, void *ctx) {
  transfer *t = g_new0(transfer, 1);
  error e = {0};
  t->link.data = t;
  t->h = h;
  t->done = done;
  t->ctx = ctx;
  t->url = g_strdup(r->url ? r->url : "");
  t->body = g_memdup2(r->body, r->body_len);
  t->body_len = r->body ? r->body_len : 0;
  t->max_body = r->max_body ? r->max_body : h->o.max_body;
  t->total_ms = r->total_ms ? r->total_ms : h->o.total_ms;
  t->posted = g_get_monotonic_time();
  add_headers(t, r);
  if (!http_url_allowed(t->url, &e)) g_strlcpy(t->refused, e.text, sizeof t->refused);
  return t;
}

void transfer_free(transfer *t) {
  wipe_headers(t->headers);
  g_free(t->url);
  g_free(t->body);
  if (t->answer) g_string_free(t->answer, TRUE);
  if (t->lines) g_ptr_array_unref(t->lines);
  g_free(t);
}

/* ---- what curl calls while it runs ---- */

static size_t on_read(char *to, size_t size, size_t count, void *ctx) {
  transfer *t = ctx;
  uint64_t n = MIN((uint64_t)(size * count), t->body_len - t->given);
  if (n) memcpy(to, t->body + t->given, n);
  t->given += n;
  return n;
}

/* Refuses: see the top of the file. */
static int on_seek(void *ctx, curl_off_t offset, int origin) {
  (void)ctx;
  (void)offset;
  (void)origin;
  return CURL_SEEKFUNC_FAIL;
}

static size_t end_here(transfer *t, uint32_t end, const char *why) {
  t->ends = end;
  t->ends_why = why;
  return 0;
}

static size_t on_body(char *from, size_t size, size_t count, void *ctx) {
  transfer *t = ctx;
  size_t n = size * count;
  if (!t->answer) t->answer = g_string_sized_new(MAX(n, (size_t)ANSWER_START));
  if (t->answer->len + n > t->max_body)
    return end_here(t, HTTP_TOO_BIG, "the answer is larger than it may be");
  if (t->h->held + n > t->h->o.max_held)
    return end_here(t, HTTP_TOO_BIG, "all answers together are larger than they may be");
  g_string_append_len(t->answer, from, (gssize)n);
  t->h->held += n;
  t->received += n;
  return n;
}

/* "HTTP/1.1 200 OK": a new answer; an interim one (1xx) is no beginning. */
static void start_answer(transfer *t, const char *line, size_t length) {
  const char *space = memchr(line, ' ', length);
  g_ptr_array_set_size(t->lines, 0);
  t->begun = space && space + 1 < line + length && space[1] != '1';
}

static void keep_header(transfer *t, const char *line, size_t length) {
  const char *colon = memchr(line, ':', length);
  if (!colon || colon == line || line[0] == ' ' || line[0] == '\t') return;
  const char *value = colon + 1, *end = line + length;
  while (value < end && (*value == ' ' || *value == '\t')) value++;
  while (end > value && g_ascii_isspace(end[-1])) end--;
  GString *kept = g_string_sized_new(length + 2);
  for (const char *c = line; c < colon; c++) g_string_append_c(kept, g_ascii_tolower(*c));
  g_string_append(kept, ": ");
  g_string_append_len(kept, value, end - value);
  g_ptr_array_add(t->lines, g_string_free(kept, FALSE));
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx) {
  transfer *t = ctx;
  size_t n = size * count;
  t->received += n;
  t->header_bytes += (uint32_t)MIN(n, (size_t)UINT32_MAX / 2);
  t->header_count++;
  if (t->header_count > t->h->o.max_headers || t->header_bytes > t->h->o.header_bytes)
    return end_here(t, HTTP_TOO_BIG, "the answer has more headers than it may have");
  if (!t->lines) t->lines = g_ptr_array_new_with_free_func(g_free);
  if (n < 5 || memcmp(line, "HTTP/", 5) != 0) {
    keep_header(t, line, n);
    return n;
  }
  start_answer(t, line, n);
  /* What was left on the connection by an earlier answer must not pass for ours. The
   * streams of HTTP/2 cannot be taken for one another. */
  bool ordered = n >= 7 && line[5] == '1';
  if (ordered && t->begun && t->body_len > 0 && t->given == 0)
    return end_here(t, HTTP_UNSENT, "an answer came before the request was sent");
  return n;
}

/* ---- the handle ---- */

CURL *easy_new(http *h) {
  CURL *c = curl_easy_init();
  if (!c) return NULL;
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_POST, 1L);
  curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)h->o.connect_ms);
  curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
                   h->o.http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(c, CURLOPT_PIPEWAIT, h->o.http2 ? 1L : 0L);
  if (h->ca_file) curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
  return c;
}

bool transfer_prepare(transfer *t) {
  http *h = t->h;
  t->easy = h->idle->len ? g_ptr_array_steal_index_fast(h->idle, h->idle->len - 1) : easy_new(h);
  if (!t->easy) return false;
  bool plain = !strncasecmp(t->url, "http:", 5);
  t->marked_at = http_now();
  curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
  curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->curl_error);
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
  curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)t->total_ms);
  /* Plain http is allowed to this machine only: no proxy is asked for it. */
  curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  curl_easy_setopt(t->easy, CURLOPT_PROXY, plain ? "" : NULL);
  return curl_easy_setopt(t->easy, CURLOPT_URL, t->url) == CURLE_OK;
}

void transfer_detach(transfer *t) {
  if (!t->easy) return;
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, NULL);
  g_ptr_array_add(t->h->idle, t->easy);
  t->easy = NULL;
}

/* ---- how it ended ---- */

static bool is_trust_failure(CURLcode code) {
  switch (code) {
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CRL_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
  case CURLE_SSL_INVALIDCERTSTATUS: return true;
  default: return false;
  }
}

static uint32_t end_of(const transfer *t, CURLcode code, long proxy) {
  if (t->ends) return t->ends;
  if (code == CURLE_OK) return HTTP_WHOLE;
  if (is_trust_failure(code) || proxy == 407) return HTTP_REFUSED;
  if (code == CURLE_URL_MALFORMAT) return HTTP_REFUSED;
  if (t->body_len == 0 && t->easy) return HTTP_LOST;
  return t->given ? HTTP_LOST : HTTP_UNSENT;
}

static const char *no_connection(CURL *easy) {
  long code = 0;
  if (easy) curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &code);
  if (code == ECONNREFUSED) return "no connection: refused";
  if (code == ENETUNREACH || code == EHOSTUNREACH) return "no connection: no way to that machine";
  return "no connection";
}

static const char *reason_of(const transfer *t, CURLcode code, long proxy) {
  if (t->refused[0]) return t->refused;
  if (t->ends_why) return t->ends_why;
  if (proxy == 407) return "the proxy wants a login";
  if (is_trust_failure(code) && t->curl_error[0]) return t->curl_error;
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    return t->given ? "no whole answer in time" : "no connection in time";
  case CURLE_COULDNT_RESOLVE_HOST: return "the server's name is not known";
  case CURLE_COULDNT_RESOLVE_PROXY: return "the proxy's name is not known";
  case CURLE_COULDNT_CONNECT: return no_connection(t->easy);
  case CURLE_SEND_FAIL_REWIND:
  case CURLE_GOT_NOTHING:
  case CURLE_RECV_ERROR:
    return t->received ? "the connection broke in the middle of the answer"
                       : "the connection broke before an answer came";
  case CURLE_UNSUPPORTED_PROTOCOL: return "what came is no HTTP";
  case CURLE_PARTIAL_FILE: return "the answer ended before its end";
  case CURLE_BAD_CONTENT_ENCODING: return "the answer's compression is broken";
  default: return curl_easy_strerror(code);
  }
}

static bool may_have_left(const transfer *t) {
  return t->given > 0 || (t->easy && t->body_len == 0 && !t->refused[0]);
}

void transfer_report(transfer *t, CURLcode code) {
  static const char *const no_headers[] = {NULL};
  long status = 0, proxy = 0;
  char *why = NULL;
  if (t->easy) {
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
  }
  http_reply r = {.end = end_of(t, code, proxy), .status = (uint32_t)status, .body = ""};
  if (r.end != HTTP_WHOLE) {
    char *shown = http_url_shown(t->url);
    why = g_strdup_printf("%s: %s", shown, reason_of(t, code, proxy));
    g_free(shown);
  }
  if (t->lines) g_ptr_array_add(t->lines, NULL);
  r.headers = t->lines ? (const char *const *)t->lines->pdata : no_headers;
  if (t->answer) r.body = t->answer->str;
  r.body_len = t->answer ? t->answer->len : 0;
  r.why = why;
  r.left = may_have_left(t);
  r.seconds = (double)(g_get_monotonic_time() - t->posted) * 1e-6;
  t->done(t->ctx, &r);
  t->h->held -= r.body_len;
  g_free(why);
}

const char *http_header(const http_reply *r, const char *name) {
  size_t length = strlen(name);
  for (const char *const *line = r->headers; line && *line; line++)
    if (!strncmp(*line, name, length) && !strncmp(*line + length, ": ", 2))
      return *line + length + 2;
  return NULL;
}
