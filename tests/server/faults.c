/* faults.c - the table of everything that goes wrong, and the choice; see server.h. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "raw.h"
#include "rng.h"
#include "server.h"

#define LIMIT "rate_limit_error", "rate_limit_exceeded", "Too many requests."
#define BROKEN "api_error", "server_error", "Something went wrong."
#define BAD "invalid_request_error"

static const mishap faults[] = {
    {"429", FAULT_STATUS, 429, "", LIMIT},
    {"429_int", FAULT_STATUS, 429, "Retry-After: 1", LIMIT},
    {"429_float", FAULT_STATUS, 429, "Retry-After: 0.05", LIMIT},
    {"429_ms", FAULT_STATUS, 429, "retry-after-ms: 40", LIMIT},
    {"429_date", FAULT_STATUS, 429, "Retry-After: @date", LIMIT},
    {"429_zero", FAULT_STATUS, 429, "Retry-After: 0", LIMIT},
    {"429_negative", FAULT_STATUS, 429, "Retry-After: -5", LIMIT},
    {"429_huge", FAULT_STATUS, 429, "Retry-After: 1000000000", LIMIT},
    {"429_garbage", FAULT_STATUS, 429, "Retry-After: soon", LIMIT},
    {"429_spent", FAULT_STATUS, 429, "", "rate_limit_error", "insufficient_quota",
     "You exceeded your current quota."},
    {"402", FAULT_STATUS, 402, "", "billing_error", "billing", "Pay first."},
    {"500", FAULT_STATUS, 500, "", BROKEN},
    {"502", FAULT_STATUS, 502, "", BROKEN},
    {"503", FAULT_STATUS, 503, "", "overloaded_error", "overloaded", "Loading."},
    {"504", FAULT_STATUS, 504, "", "timeout_error", "timeout", "Timed out."},
    {"529", FAULT_STATUS, 529, "", "overloaded_error", "overloaded", "Overloaded"},
    {"408", FAULT_STATUS, 408, "", BROKEN},
    {"409", FAULT_STATUS, 409, "", BROKEN},
    {"500_no_retry", FAULT_STATUS, 500, "x-should-retry: false", BROKEN},
    {"400_retry", FAULT_STATUS, 400, "x-should-retry: true", BAD, "invalid", "Try again."},
    {"400", FAULT_STATUS, 400, "", BAD, "invalid", "Not like this."},
    {"400_temperature", FAULT_STATUS, 400, "", BAD, "unsupported_value",
     "`temperature` is not supported with this model."},
    {"400_prefill", FAULT_STATUS, 400, "", BAD, "invalid",
     "Prefilling assistant messages is not supported for this model."},
    {"400_schema", FAULT_STATUS, 400, "", BAD, "unsupported_parameter",
     "output_config.format: response_format is not supported by this model."},
    {"400_max_tokens", FAULT_STATUS, 400, "", BAD, "unsupported_parameter",
     "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
     "'max_completion_tokens' instead."},
    {"400_filter", FAULT_STATUS, 400, "", BAD, "content_filter", "The prompt was filtered."},
    {"401", FAULT_STATUS, 401, "", "authentication_error", "invalid_api_key", "Bad key."},
    {"403", FAULT_STATUS, 403, "", "permission_error", "forbidden", "Not allowed."},
    {"404", FAULT_STATUS, 404, "", "not_found_error", "model_not_found", "No such model."},
    {"413", FAULT_STATUS, 413, "", "request_too_large", "too_large", "Too large."},
    {"302", FAULT_STATUS, 302, "Location: http://127.0.0.1:1/", BAD, "moved", "Elsewhere."},
    {"truncated_json", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"empty", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"html", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"invalid_utf8", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"nan", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"not_object", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"deep", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"gzip_bomb", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"gzip_broken", FAULT_BYTES, 200, "", NULL, NULL, NULL},
    {"wrong_type", FAULT_SPOILT, 200, "Content-Type: text/plain", NULL, NULL, NULL},
    {"missing_field", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"wrong_enum", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"number_as_string", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"extra_prose", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"long_string", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"empty_text", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"list_empty", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"list_1000", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"duplicate_names", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"length", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"refusal", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"filtered", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"pause_turn", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"context_exceeded", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"no_usage", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"wrong_dim", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"permuted", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"missing_item", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"zero_vector", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
    {"other_model", FAULT_SPOILT, 200, "", NULL, NULL, NULL},
};

const mishap *fault_find(const char *name) {
  static mishap raw[64];
  static GMutex lock;
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
    if (!strcmp(name, faults[i].name)) return &faults[i];
  const char *const *names = raw_names();
  g_mutex_lock(&lock);
  mishap *found = NULL;
  for (size_t i = 0; names[i] && i < G_N_ELEMENTS(raw) && !found; i++) {
    raw[i] = (mishap){.name = names[i], .kind = FAULT_RAW, .status = 200};
    if (!strcmp(name, names[i])) found = &raw[i];
  }
  g_mutex_unlock(&lock);
  return found;
}

void fault_list(void) {
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) puts(faults[i].name);
  for (const char *const *name = raw_names(); *name; name++) puts(*name);
}

/* ---- the choice ---- */

static void plan_clear(plan *p) {
  if (!p->faults) {
    p->faults = g_ptr_array_new();
    p->shares = g_array_new(FALSE, FALSE, sizeof(double));
  }
  g_ptr_array_set_size(p->faults, 0);
  g_array_set_size(p->shares, 0);
}

bool plan_set(plan *p, const char *text) {
  g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
  plan_clear(p);
  for (char **w = words; *w; w++) {
    if (!**w) continue;
    char *equals = strchr(*w, '=');
    double share = equals ? g_ascii_strtod(equals + 1, NULL) : 1;
    if (equals) *equals = 0;
    const mishap *f = fault_find(*w);
    if (!f) return false;
    g_ptr_array_add(p->faults, (gpointer)f);
    g_array_append_val(p->shares, share);
  }
  return true;
}

const mishap *plan_choose(const plan *p, uint64_t hash, int nth) {
  if (!p->faults || (p->most && nth > p->most)) return NULL;
  uint64_t bits = rng_random((int64_t)p->seed, "fault", hash + (uint64_t)nth * 0x9e3779b97f4a7c15u);
  double at = (double)(bits >> 11) * 0x1.0p-53, sum = 0;
  for (guint i = 0; i < p->faults->len; i++) {
    sum += g_array_index(p->shares, double, i);
    if (at < sum) return p->faults->pdata[i];
  }
  return NULL;
}

/* ---- bodies that are no answer ---- */

/* Made once: 32 MiB of zeros. */
static gpointer make_bomb(gpointer unused) {
  (void)unused;
  GString *out = g_string_new(NULL);
  z_stream z = {0};
  static unsigned char zeros[65536];
  unsigned char part[65536];
  deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  for (int i = 0; i <= 500; i++) {
    z.next_in = zeros;
    z.avail_in = i < 500 ? sizeof zeros : 0;
    do {
      z.next_out = part;
      z.avail_out = sizeof part;
      deflate(&z, i < 500 ? Z_NO_FLUSH : Z_FINISH);
      g_string_append_len(out, (char *)part, (gssize)(sizeof part - z.avail_out));
    } while (z.avail_out == 0);
  }
  deflateEnd(&z);
  return out;
}

static GString *bomb(void) {
  static GOnce once = G_ONCE_INIT;
  const GString *made = g_once(&once, make_bomb, NULL);
  return g_string_new_len(made->str, (gssize)made->len);
}

static GString *deep(void) {
  GString *s = g_string_new("{\"choices\":");
  for (int i = 0; i < 50000; i++) g_string_append_c(s, '[');
  return s;
}

GString *fault_bytes(const char *name, const GString *good, const char **ret_headers) {
  *ret_headers = "Content-Type: application/json";
  if (!strcmp(name, "truncated_json"))
    return g_string_new_len(good->str, (gssize)good->len - (gssize)MIN(good->len, 20));
  if (!strcmp(name, "html")) {
    *ret_headers = "Content-Type: text/html";
    return g_string_new("<html><body>Please log in to the network.</body></html>");
  }
  if (!strcmp(name, "invalid_utf8"))
    return g_string_new(
        "{\"choices\":[{\"message\":{\"content\":\"\xff\xfe\xc3\"}}],\"content\":"
        "[{\"type\":\"text\",\"text\":\"\xff\"}],\"message\":{\"content\":\"\xc3\"}}");
  if (!strcmp(name, "nan"))
    return g_string_new("{\"choices\": NaN, \"content\": NaN, \"message\": NaN}");
  if (!strcmp(name, "not_object")) return g_string_new("[1, 2, 3]");
  if (!strcmp(name, "deep")) return deep();
  if (!strncmp(name, "gzip_", 5))
    *ret_headers = "Content-Type: application/json|Content-Encoding: gzip";
  if (!strcmp(name, "gzip_bomb")) return bomb();
  if (!strcmp(name, "gzip_broken")) return g_string_new("this is not gzip");
  return g_string_new("");
}
