/* rules.c - auditor/rules: rates every text that would be published by what it
 * holds: personal information by its form, names of organisations, links, long
 * numbers, words that look like names. No model; the scan is the core's, the
 * same that redacts summaries. */
#include <stddef.h>

#include "clio_util.h"

typedef struct rules_config {
  int64_t organization, link, number, names;
} rules_config;

typedef struct rules {
  const clio_host *host;
  const rules_config *config;
} rules;

enum { SAFE = 5, FEW_NAMES = 4, MANY_NAMES = 3, PERSONAL = 1 };

/* ---- finds ---- */

/* The worst that was found so far. Reasons are a closed set. */
typedef struct verdict {
  const rules_config *config;
  int64_t rating;
  const char *reason;
} verdict;

static const char *personal_reason(uint32_t kind) {
  switch (kind) {
  case CLIO_PII_EMAIL: return "it holds an e-mail address";
  case CLIO_PII_PHONE: return "it holds a telephone number";
  case CLIO_PII_CARD: return "it holds a card number";
  case CLIO_PII_IBAN: return "it holds a bank account";
  case CLIO_PII_IP: return "it holds an IP address";
  case CLIO_PII_HANDLE: return "it holds a user name";
  case CLIO_PII_KEY: return "it holds a key or password";
  case CLIO_PII_ID: return "it holds an identity number";
  case CLIO_PII_ADDRESS: return "it holds a postal address";
  case CLIO_PII_PERSON: return "it holds a person's name";
  default: return "it holds personal information of an unknown kind";
  }
}

static clio_status judge_find(void *ctx, uint32_t kind, int64_t start, int64_t end) {
  verdict *v = ctx;
  int64_t rating = PERSONAL;
  const char *reason;
  (void)start, (void)end;
  switch (kind) {
  case CLIO_PII_ORG:
    rating = v->config->organization;
    reason = "it names an organization";
    break;
  case CLIO_PII_URL:
    rating = v->config->link;
    reason = "it holds a web address";
    break;
  case CLIO_PII_NUMBER:
    rating = v->config->number;
    reason = "it holds a run of four or more digits";
    break;
  default: reason = personal_reason(kind);
  }
  if (rating >= v->rating) return CLIO_OK;
  v->rating = rating;
  v->reason = reason;
  return CLIO_OK;
}

/* ---- words that look like names ---- */

typedef struct capitals {
  const char *text;                   /* where the text starts */
  int64_t words, capitalised, inside; /* inside: capitalised within a sentence */
} capitals;

static int is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
static int is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }

/* Does the word begin with a capital, Latin, Greek or Cyrillic, and go on
 * without? 'SQL' does not count. Latin-1 and Cyrillic capitals by their bytes. */
static int looks_like_name(const char *word, int64_t len) {
  unsigned char c = (unsigned char)word[0], next = len > 1 ? (unsigned char)word[1] : 0;
  if (is_upper(c)) return len > 2 && (is_lower(next) || next >= 0x80);
  if (len < 4) return 0;
  if (c == 0xC3) return next >= 0x80 && next <= 0x9E; /* À to Þ */
  if (c == 0xCE) return next >= 0x91 && next <= 0xA9; /* Greek */
  return c == 0xD0 && next >= 0x81 && next <= 0xAF;   /* Cyrillic */
}

/* Is it the first word of its sentence? */
static int starts_sentence(const char *text, const char *word) {
  while (word > text && word[-1] == ' ') word--;
  return word == text || strchr(".!?:\n\"'([", word[-1]) != NULL;
}

static clio_status count_word(void *ctx, const char *word, int64_t len) {
  capitals *c = ctx;
  if (len < 3) return CLIO_OK;
  c->words++;
  if (!looks_like_name(word, len)) return CLIO_OK;
  c->capitalised++;
  c->inside += !starts_sentence(c->text, word);
  return CLIO_OK;
}

/* In a title most words are capitalised, and a capital tells nothing. */
static void judge_capitals(const capitals *c, verdict *v) {
  int is_title = c->capitalised * 5 >= c->words * 3;
  if (is_title || c->inside == 0 || v->rating <= MANY_NAMES) return;
  int many = c->inside >= v->config->names;
  v->rating = many ? MANY_NAMES : FEW_NAMES;
  v->reason = many ? "it holds several words that look like names"
                   : "it holds a word that looks like a name";
}

/* ---- the stage ---- */

static clio_status judge(const rules *r, clio_call *call, const clio_text *text, clio_span span,
                         verdict *ret) {
  capitals seen = {.text = span.s};
  *ret = (verdict){r->config, SAFE, NULL};
  CLIO_TRY(text->pii(call, span.s, span.len, judge_find, ret));
  CLIO_TRY(text->words(call, span.s, span.len, count_word, &seen));
  judge_capitals(&seen, ret);
  return CLIO_OK;
}

static clio_status rules_process(void *self, clio_call *call, uint32_t port, const clio_table *in) {
  const rules *r = self;
  const clio_host *host = r->host;
  const clio_text *text = clio_need(host, call, CLIO_TEXT_ID, offsetof(clio_text, simhash));
  clio_view texts;
  (void)port;
  if (!text) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(clio_get(host, call, in, "text", CLIO_T_UTF8, &texts));
  clio_builder *b = host->start(call, 0, in, NULL, texts.rows);
  int32_t reason = host->add(b, "reason", CLIO_T_UTF8, 0);
  int64_t *rating = host->data(b, host->add(b, "rating", CLIO_T_I64, 0));
  for (uint64_t row = 0; rating && row < texts.rows; row++) {
    verdict v = {r->config, SAFE, NULL};
    clio_span span = clio_utf8(&texts, row);
    if (host->cancelled(call)) return CLIO_E_CANCELLED;
    if (span.s) CLIO_TRY(judge(r, call, text, span, &v));
    rating[row] = v.rating;
    clio_put_text(host, b, reason, row, v.reason);
  }
  return host->emit(b);
}

static clio_status rules_create(const clio_host *host, clio_call *call, const void *config,
                                void **ret_self) {
  rules *r = malloc(sizeof *r);
  if (!r) return clio_nomem(host, call);
  *r = (rules){host, config};
  *ret_self = r;
  return CLIO_OK;
}

static const clio_column reads[] = {{.name = "text",
                                     .help = "a string that would be published",
                                     .type = CLIO_T_UTF8,
                                     .privacy = CLIO_P_GROUPED}};
static const clio_port inputs[] = {{.name = "texts",
                                    .help = "every name, description and free value",
                                    .columns = CLIO_LIST(reads),
                                    .flags = CLIO_PORT_WHOLE,
                                    .rows = CLIO_ROWS_TEXT}};

static const clio_column adds[] = {{.name = "rating",
                                    .help = "1 personal, 2 names an organization, 3 to 5 harmless",
                                    .type = CLIO_T_I64,
                                    .privacy = CLIO_P_GROUPED},
                                   {.name = "reason",
                                    .help = "one of a closed set of sentences",
                                    .type = CLIO_T_UTF8,
                                    .privacy = CLIO_P_GROUPED,
                                    .flags = CLIO_COL_NULLABLE | CLIO_COL_AUDIT}};
static const clio_port outputs[] = {{.name = "texts",
                                     .help = "the same, rated",
                                     .columns = CLIO_LIST(adds),
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_TEXT}};

static const clio_param params[] = {
    CLIO_INT(rules_config, organization, "2", 1, 5, "rating of a text that names an organization"),
    CLIO_INT(rules_config, link, "2", 1, 5, "rating of a text with a web address"),
    CLIO_INT(rules_config, number, "2", 1, 5, "rating of a text with four or more digits in a row"),
    CLIO_INT(rules_config, names, "3", 1, 100,
             "so many words that look like names make a rating of 3"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "auditor",
    .name = "rules",
    .summary = "rates texts by the personal information in them",
    .help = "Rates every text from 1 to 5: 1 where it holds an e-mail address, telephone, card or "
            "identity number, bank account, IP or postal address, user name, key, or a person's "
            "name; 2 for an organization, a web address or a long number; 3 for many capitalised "
            "words inside its sentences, 4 for one or two, 5 otherwise. The gate refuses texts "
            "rated below privacy.audit_floor.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(rules_config),
    .create = rules_create,
    .process = rules_process,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(auditor_rules) = {CLIO_PLUGIN_INIT,   .id = "clio.auditor.rules",
                                     .version = "0.1.0", .license = "Apache-2.0",
                                     .vendor = "Clio",   .stages = stages};
