/* forgetful.c - model/forgetful: asks the fault server for one text's vector, and cannot
 * read every twentieth answer: what failed at one attempt must not stay with the next. */
#include "clio_util.h"

enum { DIM = 16, ROOM = 1 << 16 };

typedef struct forgetful_config {
  const char *base_url, *model;
} forgetful_config;

/* A text as a JSON string, without what would have to be escaped. */
static void quote(char *to, const char *text, int64_t length) {
  *to++ = '"';
  for (int64_t i = 0; i < length && i < ROOM / 2; i++)
    if ((unsigned char)text[i] >= ' ' && text[i] != '"' && text[i] != '\\') *to++ = text[i];
  *to++ = '"';
  *to = '\0';
}

static clio_status build(const clio_host *host, clio_call *call, const void *config,
                         const clio_ask *ask, clio_request *ret) {
  static const char *const headers[] = {"content-type: application/json", NULL};
  const forgetful_config *c = config;
  char *url = host->scratch(call, ROOM), *body = host->scratch(call, ROOM),
       *text = host->scratch(call, ROOM);
  if (!url || !body || !text) return clio_nomem(host, call);
  quote(text, ask->texts[0], ask->lens[0]);
  snprintf(url, ROOM, "%s/embeddings", c->base_url);
  snprintf(body, ROOM, "{\"model\":\"%s\",\"input\":[%s],\"dimensions\":%d}", c->model, text, DIM);
  ret->url = url;
  ret->headers = headers;
  ret->body = body;
  ret->body_len = strlen(body);
  ret->in_tokens = ask->lens[0] + 1;
  return CLIO_OK;
}

static clio_status parse(const clio_host *host, clio_call *call, const void *config,
                         const clio_ask *ask, const clio_response *response, clio_reply *ret) {
  static int count;
  (void)config;
  if (__atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) % 20 == 0) return clio_nomem(host, call);
  if (response->http_status != 200) return CLIO_OK;
  float *v = host->scratch(call, DIM * sizeof *v);
  if (!v) return clio_nomem(host, call);
  for (int64_t i = 0; i < ask->lens[0]; i++) v[(unsigned char)ask->texts[0][i] % DIM] += 1;
  ret->outcome = CLIO_OUT_OK;
  ret->vectors = v;
  ret->count = 1;
  ret->dim = DIM;
  ret->in_tokens = 1;
  return CLIO_OK;
}

static const clio_param params[] = {CLIO_STR(forgetful_config, base_url, NULL, "where"),
                                    CLIO_STR(forgetful_config, model, "\"m\"", "which")};
static const clio_model model = {.struct_size = sizeof(clio_model),
                                 .threads = CLIO_PARALLEL,
                                 .name = "forgetful",
                                 .summary = "vectors, of which some cannot be read at once",
                                 .asks = CLIO_ASK_EMBED,
                                 .params = CLIO_LIST(params),
                                 .config_size = sizeof(forgetful_config),
                                 .build = build,
                                 .parse = parse};
static const clio_model *const models[] = {&model, NULL};
CLIO_PLUGIN_DEFINE(forgetful) = {CLIO_PLUGIN_INIT, .id = "clio.test.forgetful", .version = "1",
                                 .license = "Apache-2.0", .models = models};
