/* http_url.c - which addresses a request may go to, and how an address is shown. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <glib.h>
#include <string.h>

#include "http.h"

typedef struct parts {
  char *scheme, *user, *password, *host, *port, *path;
} parts;

static void parts_clear(parts *p) {
  curl_free(p->scheme);
  curl_free(p->user);
  curl_free(p->password);
  curl_free(p->host);
  curl_free(p->port);
  curl_free(p->path);
}

static bool parts_of(const char *url, parts *ret) {
  memset(ret, 0, sizeof *ret);
  CURLU *u = curl_url();
  if (!u || curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    curl_url_cleanup(u);
    return false;
  }
  curl_url_get(u, CURLUPART_SCHEME, &ret->scheme, 0);
  curl_url_get(u, CURLUPART_USER, &ret->user, 0);
  curl_url_get(u, CURLUPART_PASSWORD, &ret->password, 0);
  curl_url_get(u, CURLUPART_HOST, &ret->host, 0);
  curl_url_get(u, CURLUPART_PORT, &ret->port, 0);
  curl_url_get(u, CURLUPART_PATH, &ret->path, 0);
  curl_url_cleanup(u);
  return ret->scheme && ret->host;
}

/* 127.0.0.0/8, ::1 and the name localhost, which curl does not look up. */
static bool is_this_machine(const char *host) {
  unsigned char four[4], six[16];
  char plain[64];
  if (!g_ascii_strcasecmp(host, "localhost")) return true;
  if (inet_pton(AF_INET, host, four) == 1) return four[0] == 127;
  size_t length = strlen(host);
  if (host[0] != '[' || length < 3 || length >= sizeof plain) return false;
  memcpy(plain, host + 1, length - 2);
  plain[length - 2] = 0;
  static const unsigned char loopback[16] = {[15] = 1};
  return inet_pton(AF_INET6, plain, six) == 1 && !memcmp(six, loopback, sizeof six);
}

static bool is_clean(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text <= ' ' || *text == 0x7f) return false;
  return true;
}

bool http_url_allowed(const char *url, error *e) {
  parts p = {0};
  bool https = false, plain = false, ok = false;
  if (!url || !is_clean(url) || !parts_of(url, &p)) {
    error_set(e, CLIO_E_CONFIG,
              "the address of the model is not a URL; it looks like "
              "https://host/path");
    parts_clear(&p);
    return false;
  }
  https = !strcmp(p.scheme, "https");
  plain = !strcmp(p.scheme, "http");
  if (p.user || p.password)
    error_set(e, CLIO_E_CONFIG, "the address %s://%s holds a user or password; give a key instead",
              p.scheme, p.host);
  else if (!https && !plain)
    error_set(e, CLIO_E_CONFIG, "the address %s://%s is not http or https", p.scheme, p.host);
  else if (plain && !is_this_machine(p.host))
    error_set(e, CLIO_E_CONFIG,
              "plain http to %s would show conversations and key to the network; use https "
              "(http goes to this machine only)",
              p.host);
  else
    ok = true;
  parts_clear(&p);
  return ok;
}

char *http_url_shown(const char *url) {
  parts p = {0};
  if (!url || !parts_of(url, &p)) {
    parts_clear(&p);
    return g_strdup("(no address)");
  }
  char *shown = g_strdup_printf("%s://%s%s%s%s", p.scheme, p.host, p.port ? ":" : "",
                                p.port ? p.port : "", p.path ? p.path : "");
  parts_clear(&p);
  return shown;
}
