/* synthetic.c - source/synthetic: made-up conversations with accounts,
 * organisations, times and topics that rise or fall, for demonstrations and
 * tests. Each is a pure function of the seed and its number. */
#include "synthetic_words.h"

enum { BATCH_ROWS = 1024, MESSAGES_MAX = 16, SPAN_DAYS = 184 };

static const int64_t micros = 1000000, start_micros = 1777593600000000; /* 2026-05-01 */

typedef struct synthetic_config {
  int64_t conversations, accounts, organizations, languages, topics;
  int32_t labels;
  const char *words;
} synthetic_config;

typedef struct synthetic {
  const clio_host *host;
  const synthetic_config *config;
  words words;
  text text; /* the message being written */
} synthetic;

/* What is decided of a conversation before its text. */
typedef struct plot {
  dice dice;
  uint64_t account, lang, topic;
  int64_t org; /* -1: none */
  int64_t time;
  uint64_t turns;
  int refused, tells; /* tells: something personal */
} plot;

/* The columns of the table being written. */
typedef struct columns {
  clio_builder *out;
  int32_t id, account, org, role, content, label_topic, label_language;
  int64_t *time;
} columns;

/* ---- the plot ---- */

/* Few of n get much, most get little: the square of a uniform number, in
 * integers so that every machine rounds alike. */
static uint64_t skewed(dice *d, uint64_t n) {
  uint64_t u = dice_roll(d, UINT64_C(1) << 32);
  return (u * u >> 32) * n >> 32;
}

static uint64_t limit(int64_t wanted, uint64_t have) {
  return wanted < 0 || (uint64_t)wanted > have ? have : (uint64_t)wanted;
}

/* Most write in the first language. */
static uint64_t choose_language(dice *d, uint64_t count) {
  uint64_t total = 50 + 10 * (count - 1), roll = dice_roll(d, total);
  return roll < 50 ? 0 : 1 + (roll - 50) / 10;
}

/* What does not change from one conversation of an account to the next. */
static void choose_account(const synthetic *s, clio_call *call, plot *p) {
  const synthetic_config *c = s->config;
  p->account = skewed(&p->dice, (uint64_t)c->accounts);
  dice own = {s->host->random(call, (UINT64_C(1) << 48) + p->account)};
  p->org = dice_roll(&own, 100) < 12 || c->organizations == 0
               ? -1
               : (int64_t)skewed(&own, (uint64_t)c->organizations);
  uint64_t langs = limit(c->languages, s->words.lang_count);
  p->lang = choose_language(&own, langs);
  if (dice_roll(&p->dice, 100) < 8) p->lang = 0;
}

/* A day, with use growing by six tenths over the span; *ret_part is in 1,000. */
static int64_t choose_time(dice *d, uint64_t *ret_part) {
  uint64_t seconds;
  do {
    seconds = dice_roll(d, (uint64_t)SPAN_DAYS * 86400);
    *ret_part = seconds * 1000 / ((uint64_t)SPAN_DAYS * 86400);
  } while (dice_roll(d, 1600) >= 1000 + *ret_part * 6 / 10);
  return start_micros + (int64_t)seconds * micros;
}

/* A topic's weight at that point of the span; 0 where it lacks the language. */
static uint64_t weight_at(const words *w, uint64_t topic, uint64_t lang, uint64_t part) {
  const section *s = words_section(w, topic, lang);
  const words_topic *t = &w->topics[topic];
  return s ? t->weight * (100 * (1000 - part) + t->trend * part) : 0;
}

/* 0 when no topic has the language. */
static uint64_t choose_topic(const synthetic *s, dice *d, uint64_t lang, uint64_t part) {
  uint64_t topics = limit(s->config->topics, s->words.topic_count - 1), total = 0;
  for (uint64_t t = 1; t <= topics; t++) total += weight_at(&s->words, t, lang, part);
  if (total == 0) return 0;
  uint64_t roll = dice_roll(d, total), t = 1;
  for (; roll >= weight_at(&s->words, t, lang, part); t++)
    roll -= weight_at(&s->words, t, lang, part);
  return t;
}

static uint64_t choose_turns(dice *d) {
  uint64_t turns = 1;
  while (turns < MESSAGES_MAX / 2 && dice_roll(d, 100) < 48) turns++;
  return turns;
}

static plot choose_plot(const synthetic *s, clio_call *call, uint64_t number) {
  plot p = {.dice = {s->host->random(call, number)}};
  uint64_t part;
  choose_account(s, call, &p);
  p.time = choose_time(&p.dice, &part);
  p.topic = choose_topic(s, &p.dice, p.lang, part);
  if (p.topic == 0) {
    p.lang = 0;
    p.topic = choose_topic(s, &p.dice, 0, part);
  }
  p.turns = choose_turns(&p.dice);
  uint64_t refused = p.topic ? s->words.topics[p.topic].refused : 0;
  p.refused = dice_roll(&p.dice, 1000) < (refused ? refused * 10 : 7);
  p.tells = dice_roll(&p.dice, 100) < 6;
  return p;
}

/* ---- the text ---- */

static void put_message(synthetic *s, const columns *c, uint64_t row, const char *role) {
  const clio_host *host = s->host;
  host->item(c->out, c->role, row, role, (int64_t)strlen(role));
  host->item(c->out, c->content, row, s->text.bytes, (int64_t)s->text.length);
  s->text.length = 0;
}

/* One more sentence of the message. */
static void write_sentence(synthetic *s, const section *topic, const char *list, plot *p) {
  if (s->text.length) text_add(&s->text, " ", 1);
  words_write(&s->words, topic, list, &p->dice, &s->text);
}

static void write_request(synthetic *s, const section *topic, plot *p) {
  int more = words_list(&s->words, topic, "more") && dice_roll(&p->dice, 10) < 7;
  words_write(&s->words, topic, "hello", &p->dice, &s->text);
  write_sentence(s, topic, "ask", p);
  if (more) write_sentence(s, topic, "more", p);
  if (p->tells && words_list(&s->words, topic, "pii")) write_sentence(s, topic, "pii", p);
}

/* Half of a topic's later requests are its own, where it has any; the others are
 * what anyone says. */
static void write_later(synthetic *s, const section *topic, plot *p) {
  const section *common = words_section(&s->words, 0, topic->lang);
  const section *from = dice_roll(&p->dice, 2) ? topic : common;
  words_write(&s->words, from, "then", &p->dice, &s->text);
}

static void write_conversation(synthetic *s, const columns *c, uint64_t row, plot *p) {
  const section *topic = words_section(&s->words, p->topic, p->lang);
  uint64_t turns = p->refused && p->turns > 2 ? 2 : p->turns;
  for (uint64_t t = 0; t < turns; t++) {
    if (t == 0)
      write_request(s, topic, p);
    else
      write_later(s, topic, p);
    put_message(s, c, row, "user");
    words_write(&s->words, topic, p->refused ? "no" : "say", &p->dice, &s->text);
    put_message(s, c, row, "assistant");
  }
}

/* ---- the table ---- */

static void put_name(const synthetic *s, const columns *c, int32_t column, uint64_t row,
                     const char *format, uint64_t number) {
  char name[32];
  snprintf(name, sizeof name, "%s%06llu", format, (unsigned long long)number);
  clio_put_text(s->host, c->out, column, row, name);
}

static void put_labels(const synthetic *s, const columns *c, uint64_t row, const plot *p) {
  if (!s->config->labels) return;
  clio_put_span(s->host, c->out, c->label_topic, row, s->words.topics[p->topic].name);
  clio_put_span(s->host, c->out, c->label_language, row, s->words.langs[p->lang]);
}

static columns start(const synthetic *s, clio_call *call, uint64_t rows) {
  const clio_host *host = s->host;
  columns c = {.out = host->start(call, 0, NULL, NULL, rows)};
  c.id = host->add(c.out, "id", CLIO_T_UTF8, 0);
  c.account = host->add(c.out, "account", CLIO_T_UTF8, 0);
  c.org = host->add(c.out, "org", CLIO_T_UTF8, 0);
  c.time = host->data(c.out, host->add(c.out, "time", CLIO_T_TIME, 0));
  c.role = host->add(c.out, "role", CLIO_T_LIST, 0);
  c.content = host->add(c.out, "content", CLIO_T_LIST, 0);
  if (!s->config->labels) return c;
  c.label_topic = host->add(c.out, "label_topic", CLIO_T_UTF8, 0);
  c.label_language = host->add(c.out, "label_language", CLIO_T_UTF8, 0);
  return c;
}

static clio_status emit_table(synthetic *s, clio_call *call, uint64_t first, uint64_t rows) {
  columns c = start(s, call, rows);
  for (uint64_t i = 0; i < rows && c.time; i++) {
    plot p = choose_plot(s, call, first + i);
    put_name(s, &c, c.id, i, "syn-", first + i);
    put_name(s, &c, c.account, i, "account-", p.account);
    if (p.org >= 0) put_name(s, &c, c.org, i, "org-", (uint64_t)p.org);
    c.time[i] = p.time;
    write_conversation(s, &c, i, &p);
    put_labels(s, &c, i, &p);
  }
  if (s->text.failed) return clio_nomem(s->host, call);
  return s->host->emit(c.out);
}

/* ---- the stage ---- */

static clio_status synthetic_finish(void *self, clio_call *call) {
  synthetic *s = self;
  uint64_t total = (uint64_t)s->config->conversations;
  for (uint64_t first = 0; first < total; first += BATCH_ROWS) {
    uint64_t left = total - first;
    if (s->host->cancelled(call)) return CLIO_E_CANCELLED;
    CLIO_TRY(emit_table(s, call, first, left < BATCH_ROWS ? left : BATCH_ROWS));
    s->host->progress(call, first, total);
  }
  return CLIO_OK;
}

static void synthetic_destroy(void *self) {
  synthetic *s = self;
  if (!s) return;
  words_clear(&s->words);
  free(s->text.bytes);
  free(s);
}

static clio_status synthetic_create(const clio_host *host, clio_call *call, const void *config,
                                    void **ret_self) {
  synthetic *s = calloc(1, sizeof *s);
  char why[200];
  if (!s) return clio_nomem(host, call);
  s->host = host;
  s->config = config;
  *ret_self = s;
  clio_status got = words_read(s->config->words, &s->words, why);
  if (got == CLIO_E_NOMEM) return clio_nomem(host, call);
  return got == CLIO_OK ? got : clio_failf(host, call, got, "words: %s", why);
}

static clio_status synthetic_plan(const clio_host *host, clio_plan *plan, const void *config) {
  static const clio_column labels[] = {{.name = "label_topic",
                                        .help = "the topic it was made of",
                                        .type = CLIO_T_UTF8,
                                        .privacy = CLIO_P_DERIVED,
                                        .flags = CLIO_COL_FACET},
                                       {.name = "label_language",
                                        .help = "the code of the language it was made in",
                                        .type = CLIO_T_UTF8,
                                        .privacy = CLIO_P_DERIVED,
                                        .flags = CLIO_COL_FACET}};
  const synthetic_config *c = config;
  for (size_t i = 0; c->labels && i < 2; i++) CLIO_TRY(host->plan_output(plan, 0, &labels[i]));
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
    CLIO_BOOL(synthetic_config, labels, "false",
              "add label_topic and label_language (public mode only)"),
    CLIO_TEXT(synthetic_config, words, "\"@synthetic/topics.txt\"",
              "the topics: templates and words by language"),
};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "source",
    .name = "synthetic",
    .summary = "made-up conversations, for demonstrations and tests",
    .help = "Makes conversations of templates: topics that rise and fall over six months, several "
            "languages, accounts of which a few have many, organisations, some refusals, and here "
            "and there a made-up address, number or name. The same seed gives the same "
            "conversations. It resembles use only roughly: measure nothing but the pipeline by it.",
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
