/* synthetic.c - source/synthetic: made-up conversations with accounts,
 * organisations, times, topics that rise or fall, and the truth about each, for
 * demonstrations, tests and measurements. Each is a pure function of the seed and
 * its number. */
#include "synthetic_talk.h"

enum { BATCH_ROWS = 1024 };

enum {
  LABEL_TOPIC,
  LABEL_SUBTOPIC,
  LABEL_CONCERNING,
  LABEL_CONCERN,
  LABEL_LANGUAGE,
  LABEL_MIXED,
  LABEL_REFUSED,
  LABEL_REFUSAL,
  LABEL_PII,
  LABEL_PII_PLACE,
  LABEL_CANARY,
  LABEL_INJECTION,
  LABEL_CAMPAIGN,
  LABELS
};

static const char *const refusals[] = {"right", "over", "under", "safe", NULL};
static const char *const places[] = {"first", "later", NULL};

#define LABEL(n, t, f, h) LABEL_OF(n, t, f, NULL, h)
#define LABEL_OF(n, t, f, c, h) \
  { \
    .name = "label_" n, .help = (h), .type = (t), .privacy = CLIO_P_DERIVED, \
    .flags = CLIO_COL_FACET | (f), .choices = (c) \
  }
static const clio_column labels[LABELS] = {
    LABEL("topic", CLIO_T_UTF8, 0, "the topic it was made of"),
    LABEL("subtopic", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the part of the topic"),
    LABEL("concerning", CLIO_T_BOOL, 0, "the topic is a concerning one"),
    LABEL("concern", CLIO_T_I64, 0, "1 harmless to 5 needs review at once"),
    LABEL("language", CLIO_T_UTF8, 0, "the code of the language it was made in"),
    LABEL("mixed", CLIO_T_BOOL, 0, "one sentence is in the first language instead"),
    LABEL("refused", CLIO_T_BOOL, 0, "the answers refuse"),
    LABEL_OF("refusal", CLIO_T_UTF8, CLIO_COL_NULLABLE, refusals,
             "right, over (refused, though harmless), under (answered as if harmless), or safe "
             "(not refused, answered with care); null: a harmless request answered"),
    LABEL("pii", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the kind of personal information in it"),
    LABEL_OF("pii_place", CLIO_T_UTF8, CLIO_COL_NULLABLE, places,
             "where: in the first request or in a later one"),
    LABEL("canary", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the words planted, one account's own"),
    LABEL("injection", CLIO_T_UTF8, CLIO_COL_NULLABLE, "what its instruction to a reader wants"),
    LABEL("campaign", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the campaign it belongs to"),
};

typedef struct synthetic {
  world world;
  talk talk;
} synthetic;

/* The columns of the table being written. */
typedef struct columns {
  const clio_host *host;
  clio_builder *out;
  uint64_t row;
  int32_t id, account, org, role, content, label[LABELS];
  int64_t *time, *concern;
  uint8_t *concerning, *mixed, *refused;
} columns;

/* ---- the table ---- */

static void put_message(void *to, const char *role, const text *message) {
  const columns *c = to;
  c->host->item(c->out, c->role, c->row, role, (int64_t)strlen(role));
  c->host->item(c->out, c->content, c->row, message->bytes, (int64_t)message->length);
}

static void put_name(const columns *c, int32_t column, const char *format, uint64_t number) {
  char name[32];
  snprintf(name, sizeof name, "%s%06llu", format, (unsigned long long)number);
  clio_put_text(c->host, c->out, column, c->row, name);
}

static void put_label(const columns *c, int label, clio_span value) {
  if (value.s) clio_put_span(c->host, c->out, c->label[label], c->row, value);
}

static void put_word(const columns *c, int label, const char *word) {
  if (word) clio_put_text(c->host, c->out, c->label[label], c->row, word);
}

static void put_labels(const synthetic *s, const columns *c, const plot *p, const truth *t) {
  const words *w = &s->world.words;
  put_label(c, LABEL_TOPIC, w->topics[p->topic].name);
  put_label(c, LABEL_SUBTOPIC, t->subtopic);
  put_label(c, LABEL_LANGUAGE, w->langs[p->lang]);
  put_label(c, LABEL_PII, t->pii);
  if (t->pii.s) put_word(c, LABEL_PII_PLACE, places[p->tells_later != 0]);
  put_label(c, LABEL_INJECTION, t->injection);
  if (p->outcome != OUT_ANSWERED) put_word(c, LABEL_REFUSAL, refusals[p->outcome - OUT_RIGHT]);
  if (t->canary) put_word(c, LABEL_CANARY, p->secret);
  if (p->campaign >= 0) put_name(c, c->label[LABEL_CAMPAIGN], "campaign-", (uint64_t)p->campaign);
  c->concern[c->row] = (int64_t)w->topics[p->topic].concern;
  c->concerning[c->row] = w->topics[p->topic].concern > 1;
  c->mixed[c->row] = p->mixed != 0;
  c->refused[c->row] = p->outcome == OUT_RIGHT || p->outcome == OUT_OVER;
}

static void add_labels(columns *c) {
  for (int i = 0; i < LABELS; i++)
    c->label[i] = c->host->add(c->out, labels[i].name, labels[i].type, 0);
  c->concern = c->host->data(c->out, c->label[LABEL_CONCERN]);
  c->concerning = c->host->data(c->out, c->label[LABEL_CONCERNING]);
  c->mixed = c->host->data(c->out, c->label[LABEL_MIXED]);
  c->refused = c->host->data(c->out, c->label[LABEL_REFUSED]);
}

static columns start(const synthetic *s, clio_call *call, uint64_t rows) {
  const clio_host *host = s->world.host;
  columns c = {.host = host, .out = host->start(call, 0, NULL, NULL, rows)};
  c.id = host->add(c.out, "id", CLIO_T_UTF8, 0);
  c.account = host->add(c.out, "account", CLIO_T_UTF8, 0);
  c.org = host->add(c.out, "org", CLIO_T_UTF8, 0);
  c.time = host->data(c.out, host->add(c.out, "time", CLIO_T_TIME, 0));
  c.role = host->add(c.out, "role", CLIO_T_LIST, 0);
  c.content = host->add(c.out, "content", CLIO_T_LIST, 0);
  if (s->world.config->labels) add_labels(&c);
  return c;
}

static int is_ready(const synthetic *s, const columns *c) {
  if (!c->time) return 0;
  return !s->world.config->labels || (c->concern && c->concerning && c->mixed && c->refused);
}

static clio_status emit_table(synthetic *s, clio_call *call, uint64_t first, uint64_t rows) {
  columns c = start(s, call, rows);
  s->talk.to = &c;
  for (c.row = 0; c.row < rows && is_ready(s, &c); c.row++) {
    plot p = plot_choose(&s->world, call, first + c.row);
    put_name(&c, c.id, "syn-", first + c.row);
    put_name(&c, c.account, "account-", p.account);
    if (p.org >= 0) put_name(&c, c.org, "org-", (uint64_t)p.org);
    c.time[c.row] = p.time;
    truth told = talk_tell(&s->talk, &p);
    if (s->world.config->labels) put_labels(s, &c, &p, &told);
  }
  if (s->talk.text.failed) return clio_nomem(s->world.host, call);
  return s->world.host->emit(c.out);
}

/* ---- the stage ---- */

static clio_status synthetic_finish(void *self, clio_call *call) {
  synthetic *s = self;
  const clio_host *host = s->world.host;
  uint64_t total = (uint64_t)s->world.config->conversations;
  for (uint64_t first = 0; first < total; first += BATCH_ROWS) {
    uint64_t left = total - first;
    if (host->cancelled(call)) return CLIO_E_CANCELLED;
    CLIO_TRY(emit_table(s, call, first, left < BATCH_ROWS ? left : BATCH_ROWS));
    host->progress(call, first, total);
  }
  return CLIO_OK;
}

static void synthetic_destroy(void *self) {
  synthetic *s = self;
  if (!s) return;
  world_clear(&s->world);
  free(s->talk.text.bytes);
  free(s);
}

static clio_status read_words(const clio_host *host, clio_call *call, synthetic *s) {
  const words_file *files = s->world.config->words.items;
  uint64_t count = s->world.config->words.count;
  char why[240];
  const char **texts = host->scratch(call, (count + 1) * sizeof *texts);
  if (!texts) return clio_nomem(host, call);
  for (uint64_t i = 0; i < count; i++) texts[i] = files[i].text;
  clio_status got = words_read(texts, count, &s->world.words, why);
  if (got == CLIO_E_NOMEM) return clio_nomem(host, call);
  if (got != CLIO_OK) return clio_failf(host, call, got, "words: %s", why);
  got = world_open(&s->world, why);
  if (got == CLIO_E_NOMEM) return clio_nomem(host, call);
  return got == CLIO_OK ? got : clio_failf(host, call, got, "%s", why);
}

static clio_status synthetic_create(const clio_host *host, clio_call *call, const void *config,
                                    void **ret_self) {
  synthetic *s = calloc(1, sizeof *s);
  if (!s) return clio_nomem(host, call);
  s->world.host = host;
  s->world.config = config;
  s->talk.words = &s->world.words;
  s->talk.put = put_message;
  *ret_self = s;
  return read_words(host, call, s);
}

/* What is planted must find room, what is prescribed must be a part. */
static clio_status synthetic_plan(const clio_host *host, clio_plan *plan, const void *config) {
  const synthetic_config *c = config;
  const mix_share *mix = c->mix.items;
  double sum = 0;
  for (uint64_t i = 0; i < c->mix.count; i++) sum += mix[i].share;
  if (sum > 1.0000001)
    return host->plan_fail(plan, CLIO_E_CONFIG, "mix: the shares are more than 1 together");
  if (c->canaries > c->accounts)
    return host->plan_fail(plan, CLIO_E_CONFIG, "canaries: more than accounts");
  if (c->canaries + c->injections + c->campaigns * c->campaign_size > c->conversations)
    return host->plan_fail(plan, CLIO_E_CONFIG,
                           "conversations: fewer than canaries, injections and those of campaigns");
  for (int i = 0; c->labels && i < LABELS; i++) CLIO_TRY(host->plan_output(plan, 0, &labels[i]));
  return CLIO_OK;
}

#define RAW(n, t, f, h) \
  { .name = (n), .help = (h), .type = (t), .privacy = CLIO_P_RAW, .flags = (f) }
static const clio_column adds[] = {
    RAW("id", CLIO_T_UTF8, 0, "syn-NUMBER"),
    RAW("account", CLIO_T_UTF8, CLIO_COL_NULLABLE, "a few have many conversations"),
    RAW("org", CLIO_T_UTF8, CLIO_COL_NULLABLE, "the account's organisation; some have none"),
    RAW("time", CLIO_T_TIME, CLIO_COL_NULLABLE, "May to October 2026"),
    RAW("role", CLIO_T_LIST, 0, "user or assistant, for each message"),
    RAW("content", CLIO_T_LIST, 0, "the text of each message"),
};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "made-up conversations",
                                     .columns = CLIO_LIST(adds),
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const char *const classes[] = {"ordinary", "concerning", "both", NULL};
static const clio_param mix_params[] = {
    CLIO_STR(mix_share, topic, NULL, "the topic's name"),
    CLIO_FLOAT(mix_share, share, NULL, 0, 1, "its part of the conversations"),
};
static const clio_param words_params[] = {
    CLIO_TEXT(words_file, text, NULL, "topics and texts, or \"@FILE\""),
};
#define TEXTS(language) ", {\"text\": \"@synthetic/" #language ".txt\"}"
static const char word_files[] = "[{\"text\": \"@synthetic/topics.txt\"}" TEXTS(en) TEXTS(es)
    TEXTS(fr) TEXTS(pt) TEXTS(ca) TEXTS(ru) TEXTS(uk) TEXTS(ja) TEXTS(zh) TEXTS(tr) TEXTS(af)
        TEXTS(ar) TEXTS(hi) TEXTS(hy) TEXTS(ka) TEXTS(de) "]";

static const clio_param params[] = {
    CLIO_INT(synthetic_config, conversations, "5000", 1, 10000000, "how many"),
    CLIO_INT(synthetic_config, accounts, "1200", 1, 10000000,
             "how many may have them; a few have many, most have few"),
    CLIO_INT(synthetic_config, organizations, "60", 0, 1000000,
             "how many organisations the accounts belong to"),
    CLIO_AUTO(synthetic_config, languages, "\"auto\"", 1, 100,
              "the first so many of the words' languages; auto: all"),
    CLIO_AUTO(synthetic_config, topics, "\"auto\"", 1, 1000,
              "the first so many of the words' topics; auto: all"),
    CLIO_ENUM(synthetic_config, concerning, "\"ordinary\"", classes,
              "which topics: the harmless ones, those that worry, or both"),
    CLIO_RECORDS(
        synthetic_config, mix, "[]", mix_share, mix_params,
        "topics whose share of the conversations is prescribed; the others share the rest"),
    CLIO_FLOAT(synthetic_config, pii, "0.06", 0, 1,
               "the part of the conversations that hold made-up personal information"),
    CLIO_INT(synthetic_config, canaries, "0", 0, 1000000,
             "how many accounts write words that are theirs alone"),
    CLIO_INT(synthetic_config, injections, "0", 0, 1000000,
             "how many conversations hold an instruction to those who read them"),
    CLIO_INT(synthetic_config, campaigns, "0", 0, 10000,
             "how many times many new accounts ask for the same in other words"),
    CLIO_INT(synthetic_config, campaign_size, "60", 1, 100000, "the conversations of a campaign"),
    CLIO_BOOL(synthetic_config, labels, "false",
              "add the truth as columns label_topic and so on (public mode only)"),
    CLIO_RECORDS(synthetic_config, words, word_files, words_file, words_params,
                 "the topics, then the texts of each language"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "source",
    .name = "synthetic",
    .summary = "made-up conversations, for demonstrations and tests",
    .help = "Makes conversations of templates: topics that rise and fall over six months, several "
            "languages, accounts of which a few have many, organisations, some refusals, and here "
            "and there a made-up address, number or name. Canaries, injections and campaigns are "
            "planted on request, and with labels the truth about each conversation stands beside "
            "it. The same seed gives the same conversations. It resembles use only roughly: "
            "measure nothing but the pipeline by it.",
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(synthetic_config),
    .plan = synthetic_plan,
    .create = synthetic_create,
    .finish = synthetic_finish,
    .destroy = synthetic_destroy,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(source_synthetic) = {CLIO_PLUGIN_INIT,   .id = "clio.source.synthetic",
                                        .version = "0.1.0", .license = "Apache-2.0",
                                        .vendor = "Clio",   .stages = stages};
