/* http_tls_test.c - whom http.h trusts: certificates and proxies. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "unit.h"
#include "wire.h"

static gboolean fine(int fd, const wire_request *r, void *ctx) {
  (void)r;
  (void)ctx;
  return wire_send(fd, 200, "", "fine", 4);
}

/* ---- TLS, with openssl's own server ---- */

typedef struct tls_server {
  GPid pid;
  int in, out, port;
  GThread *answers;
} tls_server;

static gboolean run(const char *command) {
  gint status = 0;
  g_autofree char *out = NULL, *err = NULL;
  return g_spawn_command_line_sync(command, &out, &err, &status, NULL) && status == 0;
}

/* A self-signed certificate NAME.pem for `host`, valid for `days` from now. */
static gboolean make_certificate(const char *dir, const char *name, const char *host, int days) {
  g_autofree char *ask = g_strdup_printf(
      "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=%s "
      "-addext subjectAltName=DNS:%s -keyout %s/%s.key -out %s/%s.csr",
      host, host, dir, name, dir, name);
  g_autofree char *sign = g_strdup_printf("openssl x509 -req -in %s/%s.csr -signkey %s/%s.key "
                                          "-days %d -copy_extensions copy -out %s/%s.pem",
                                          dir, name, dir, name, days, dir, name);
  return run(ask) && run(sign);
}

static int free_port(void) {
  wire *w = wire_new(fine, NULL);
  int port = wire_port(w);
  wire_free(w);
  return port;
}

/* What it prints is what the client sent: once that is all there, its input is the answer. */
static gpointer tls_answer(gpointer ctx) {
  const tls_server *s = ctx;
  const char line[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";
  g_autoptr(GString) all = g_string_new(NULL);
  char part[512];
  for (ssize_t n = 1; n > 0 && !strstr(all->str, "private words");) {
    n = read(s->out, part, sizeof part);
    if (n > 0) g_string_append_len(all, part, n);
  }
  if (all->len && write(s->in, line, sizeof line - 1) < 0) return NULL;
  return NULL;
}

static void tls_start(const char *dir, const char *name, tls_server *s) {
  s->port = free_port();
  g_autofree char *port = g_strdup_printf("127.0.0.1:%d", s->port);
  g_autofree char *key = g_strdup_printf("%s/%s.key", dir, name);
  g_autofree char *cert = g_strdup_printf("%s/%s.pem", dir, name);
  char *argv[] = {"openssl", "s_server", "-quiet", "-accept", port,
                  "-key",    key,        "-cert",  cert,      NULL};
  GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_DO_NOT_REAP_CHILD;
  CU_ASSERT_TRUE_FATAL(g_spawn_async_with_pipes(NULL, argv, NULL, flags, NULL, NULL, &s->pid,
                                                &s->in, &s->out, NULL, NULL));
  s->answers = g_thread_new("tls", tls_answer, s);
}

static void tls_stop(tls_server *s) {
  kill(s->pid, SIGKILL);
  waitpid(s->pid, NULL, 0);
  g_thread_join(s->answers);
  close(s->in);
  close(s->out);
}

/* openssl needs a moment before it listens: no connection until then. */
static outcome ask_tls(http *h, const char *host, int port) {
  char url[64];
  g_snprintf(url, sizeof url, "https://%s:%d/v1", host, port);
  http_request r = post_to(url);
  outcome o = ask_with(h, &r);
  for (int i = 0; i < 100 && o.end == HTTP_UNSENT; i++) {
    outcome_clear(&o);
    g_usleep(20000);
    o = ask_with(h, &r);
  }
  return o;
}

static http *http_trusting(const char *dir, const char *name) {
  g_autofree char *file = name ? g_strdup_printf("%s/%s.pem", dir, name) : NULL;
  const http_options o = {.connect_ms = 2000, .total_ms = 2000, .ca_file = file};
  http *h = NULL;
  error e = {0};
  CU_ASSERT_EQUAL_FATAL(http_new(&o, &h, &e), CLIO_OK);
  return h;
}

static void check_tls(const char *dir, const char *name, const char *trusted, const char *host,
                      uint32_t end) {
  tls_server s = {0};
  tls_start(dir, name, &s);
  http *h = http_trusting(dir, trusted);
  outcome o = ask_tls(h, host, s.port);
  if (o.end != end) g_printerr("%s for %s: end %u (%s)\n", name, host, o.end, o.why);
  CU_ASSERT_EQUAL(o.end, end);
  CU_ASSERT_EQUAL(o.left, end == HTTP_WHOLE);
  if (end == HTTP_WHOLE) CU_ASSERT_STRING_EQUAL(o.body, "fine");
  outcome_clear(&o);
  http_free(h);
  tls_stop(&s);
}

static void test_tls(void) {
  g_autofree char *dir = g_dir_make_tmp("clio-tls-XXXXXX", NULL);
  if (!run("openssl version")) {
    g_printerr("no openssl here: TLS is not tested\n");
    return;
  }
  CU_ASSERT_TRUE_FATAL(make_certificate(dir, "good", "localhost", 2));
  CU_ASSERT_TRUE_FATAL(make_certificate(dir, "other", "other.example", 2));
  CU_ASSERT_TRUE_FATAL(make_certificate(dir, "old", "localhost", -1));
  check_tls(dir, "good", NULL, "localhost", HTTP_REFUSED); /* self-signed */
  check_tls(dir, "good", "good", "localhost", HTTP_WHOLE); /* and trusted */
  g_autofree char *file = g_strdup_printf("%s/good.pem", dir);
  g_setenv("SSL_CERT_FILE", file, TRUE);
  check_tls(dir, "good", NULL, "localhost", HTTP_WHOLE); /* trusted by the environment */
  g_unsetenv("SSL_CERT_FILE");
  check_tls(dir, "other", "other", "localhost", HTTP_REFUSED); /* of another host */
  check_tls(dir, "old", "old", "localhost", HTTP_REFUSED);     /* expired */
  check_tls(dir, "good", "absent", "localhost", HTTP_REFUSED); /* no such CA file */
  g_autofree char *command = g_strdup_printf("rm -rf %s", dir);
  run(command);
}

/* A proxy that wants a login, and one that must not be asked for this machine. */
static gboolean proxy_answer(int fd, const wire_request *r, void *ctx) {
  (void)r;
  (void)ctx;
  return wire_send(fd, 407, "Proxy-Authenticate: Basic\r\n", "", 0);
}

static void test_proxy(void) {
  wire *proxy = wire_new(proxy_answer, NULL), *w = wire_new(fine, NULL);
  char address[64];
  g_snprintf(address, sizeof address, "http://127.0.0.1:%d", wire_port(proxy));
  g_setenv("https_proxy", address, TRUE);
  g_setenv("http_proxy", address, TRUE);
  g_setenv("no_proxy", "skipped.invalid", TRUE);
  http *h = http_trusting(NULL, NULL);
  http_request r = post_to("https://example.invalid/v1");
  outcome o = ask_with(h, &r);
  CU_ASSERT_EQUAL(o.end, HTTP_REFUSED);
  CU_ASSERT_PTR_NOT_NULL(strstr(o.why, "the proxy wants a login"));
  CU_ASSERT_EQUAL(wire_requests(proxy), 1);
  outcome_clear(&o);
  r.url = "https://skipped.invalid/v1";
  o = ask_with(h, &r);
  CU_ASSERT_EQUAL(o.end, HTTP_UNSENT);
  outcome_clear(&o);
  char here[64];
  g_snprintf(here, sizeof here, "http://127.0.0.1:%d/ok", wire_port(w));
  r.url = here;
  o = ask_with(h, &r);
  CU_ASSERT_EQUAL(o.end, HTTP_WHOLE);
  CU_ASSERT_EQUAL(wire_requests(proxy), 1);
  outcome_clear(&o);
  http_free(h);
  g_unsetenv("https_proxy");
  g_unsetenv("http_proxy");
  g_unsetenv("no_proxy");
  wire_free(w);
  wire_free(proxy);
}

int main(void) {
  static const unit_test tests[] = {{"TLS", test_tls}, {"proxy", test_proxy}};
  return unit_main("http_tls", tests, G_N_ELEMENTS(tests));
}
