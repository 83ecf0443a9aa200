/* naming.c - names asked of a model, checked, asked for again; see naming.h. */
#include "naming.h"

#include "answer.h"

/* Longest texts looked at: ten and sixty words of the longest scripts. */
enum { NAME_BYTES = 600, DESCRIPTION_BYTES = 3000, LOOK_BYTES = 4096, ANSWER_TOKENS = 200 };

static const char answer_schema[] =
    "{\"type\":\"object\",\"properties\":{\"groups\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"object\",\"properties\":{\"number\":{\"type\":\"integer\"},\"description\":{\"type\":"
    "\"string\"},\"name\":{\"type\":\"string\"}},\"required\":[\"number\",\"description\","
    "\"name\"],\"additionalProperties\":false}}},\"required\":[\"groups\"],"
    "\"additionalProperties\":false}";

static int wants(const naming_node *node) {
  return (node->wants_name && !node->name) || (node->wants_description && !node->description);
}

/* ---- one text ---- */

/* NULL: the text may stand. Otherwise a static sentence. */
static clio_status check(const naming *n, const naming_node *node, int is_name, const char *text,
                         const char **ret_why) {
  const clio_text *rule = n->vocab->corpus.text;
  size_t len = strlen(text);
  const clio_members members = {.struct_size = sizeof members,
                                .text_column = n->text_column,
                                .table = n->conversations,
                                .rows = node->rows.all,
                                .count = node->rows.count};
  *ret_why = "it is too long";
  if (len > (size_t)(is_name ? NAME_BYTES : DESCRIPTION_BYTES)) return CLIO_OK;
  return rule->rule(n->w->call, &members, is_name, text, (int64_t)len, ret_why);
}

/* Takes a text that passes, or remembers why it does not. */
static clio_status take_text(naming *n, naming_node *node, int is_name, const char *text,
                             int attempt) {
  const char *why = "it is missing";
  naming_tally *tally = is_name ? &n->names : &n->descriptions;
  if (text) CLIO_TRY(check(n, node, is_name, text, &why));
  if (why) {
    *(is_name ? &node->said_name : &node->said_description) = text;
    *(is_name ? &node->why_name : &node->why_description) = why;
    return CLIO_OK;
  }
  *(is_name ? &node->name : &node->description) = text;
  *(attempt ? &tally->repaired : &tally->first) += 1;
  if (is_name) node->late = attempt;
  return CLIO_OK;
}

static clio_status take_node(naming *n, naming_node *node, json_object *said, int attempt) {
  const clio_host *host = n->w->host;
  clio_call *call = n->w->call;
  char *text;
  if (node->wants_name && !node->name) {
    CLIO_TRY(answer_text(host, call, said, "name", LOOK_BYTES, &text));
    CLIO_TRY(take_text(n, node, 1, text, attempt));
  }
  if (!node->wants_description || node->description) return CLIO_OK;
  CLIO_TRY(answer_text(host, call, said, "description", LOOK_BYTES, &text));
  return take_text(n, node, 0, text, attempt);
}

/* What an answer says of group `number`; the first mention counts. */
static json_object *find_said(json_object *groups, uint64_t number) {
  size_t length = groups ? json_object_array_length(groups) : 0;
  for (size_t i = 0; i < length; i++) {
    json_object *said = json_object_array_get_idx(groups, i);
    json_object *at = answer_get(said, "number", json_type_int);
    if (at && json_object_get_int64(at) == (int64_t)number) return said;
  }
  return NULL;
}

static clio_status take_answer(naming *n, naming_question *q, const clio_llm_job *job,
                               int attempt) {
  json_object *answer = answer_object(job);
  json_object *groups = answer_get(answer, "groups", json_type_array);
  clio_status status = CLIO_OK;
  for (uint64_t i = 0; i < q->count && status == CLIO_OK; i++)
    status = take_node(n, q->node[i], find_said(groups, i + 1), attempt);
  json_object_put(answer);
  return status;
}

/* ---- names that another of the family has ---- */

static uint32_t enter_name(strmap *map, char *key, const naming_node *node) {
  int length = snprintf(key, NAME_BYTES + 32, "%lld %s", (long long)node->family, node->name);
  for (int i = 0; i < length; i++)
    if (key[i] >= 'A' && key[i] <= 'Z') key[i] = (char)(key[i] | 32);
  return strmap_add(map, key, length);
}

/* Takes back names that stand twice in a family; the first keeps it. */
static clio_status part_twins(naming *n, naming_question *questions, uint64_t count) {
  strmap map = strmap_new(n->w->host, n->w->call);
  char *key = work_alloc(n->w, NAME_BYTES + 32, 1);
  if (!key) return work_nomem(n->w, "names");
  naming_tally *tally = &n->names;
  for (uint64_t q = 0; q < count; q++)
    for (uint64_t i = 0; i < questions[q].count; i++) {
      naming_node *node = questions[q].node[i];
      uint32_t before = map.count, number;
      if (!node->name || !node->wants_name) continue;
      number = enter_name(&map, key, node);
      if (number == UINT32_MAX) return work_nomem(n->w, "names");
      if (number == before || node->why_name) continue; /* asked for once, not for ever */
      *(node->late ? &tally->repaired : &tally->first) -= 1;
      node->said_name = node->name;
      node->why_name = "another group has this name; say what sets this one apart";
      node->name = NULL;
    }
  return CLIO_OK;
}

/* ---- questions ---- */

/* "Group 2, name: ..."; nothing where there is none to be mended. */
static clio_status put_problem(const naming *n, prompt_text *t, const naming_node *node,
                               uint64_t number, int is_name) {
  const char *said = is_name ? node->said_name : node->said_description;
  const char *why = is_name ? node->why_name : node->why_description;
  char *faults = NULL;
  if (is_name ? node->name || !node->wants_name : node->description || !node->wants_description)
    return CLIO_OK;
  prompt_say(t, "Group %llu, %s: %s.", (unsigned long long)number, is_name ? "name" : "description",
             why ? why : "it is missing");
  if (said && strlen(said) <= NAME_BYTES) {
    CLIO_TRY(vocab_faults(n->vocab, said, &faults));
    prompt_say(t, " You wrote: ");
    prompt_data_line(t, clio_span_of(said, (int64_t)strlen(said)));
  }
  if (faults && faults[0]) {
    prompt_say(t, " Words that may not stand in it: ");
    prompt_data_line(t, clio_span_of(faults, (int64_t)strlen(faults)));
  }
  prompt_say(t, "\n");
  return CLIO_OK;
}

static clio_status repair_prompt(const naming *n, const naming_question *q, const char **ret) {
  const clio_host *host = n->w->host;
  prompt_text problems = prompt_begin(host, n->w->call), whole = prompt_begin(host, n->w->call);
  prompt_place place = {.name = "problems"};
  clio_span text;
  for (uint64_t i = 0; i < q->count; i++) {
    const naming_node *node = q->node[i];
    if (!wants(node)) continue;
    vocab_count(n->vocab, node->rows.member, node->rows.members);
    CLIO_TRY(put_problem(n, &problems, node, i + 1, 1));
    CLIO_TRY(put_problem(n, &problems, node, i + 1, 0));
  }
  CLIO_TRY(prompt_end(&problems, &place.text));
  prompt_put(&whole, clio_span_of(q->prompt, (int64_t)strlen(q->prompt)));
  prompt_say(&whole, "\n\n");
  prompt_render(&whole, n->repair, &place, 1);
  CLIO_TRY(prompt_end(&whole, &text));
  *ret = text.s;
  return CLIO_OK;
}

static int is_open(const naming_question *q) {
  for (uint64_t i = 0; i < q->count; i++)
    if (wants(q->node[i])) return 1;
  return 0;
}

static clio_status ask(naming *n, naming_question *questions, uint64_t count, int attempt,
                       uint64_t *ret_asked) {
  const clio_llm *llm = clio_need(n->w->host, n->w->call, CLIO_LLM_ID, sizeof *llm);
  clio_llm_job *job = work_alloc(n->w, count, sizeof *job);
  uint64_t *of = work_alloc(n->w, count, sizeof *of), jobs = 0;
  if (!llm) return CLIO_E_UNSUPPORTED;
  if (!job || !of) return work_nomem(n->w, "questions");
  for (uint64_t i = 0; i < count; i++) {
    naming_question *q = &questions[i];
    const char *prompt = q->prompt;
    if (!is_open(q)) continue;
    if (attempt) CLIO_TRY(repair_prompt(n, q, &prompt));
    of[jobs] = i;
    job[jobs++] = (clio_llm_job){.struct_size = sizeof *job,
                                 .max_tokens = (uint32_t)(q->count + 1) * ANSWER_TOKENS,
                                 .prompt = prompt,
                                 .schema = answer_schema,
                                 .temperature = n->temperature};
  }
  *ret_asked = jobs;
  if (jobs == 0) return CLIO_OK;
  CLIO_TRY(llm->complete(n->w->call, n->role, job, jobs));
  for (uint64_t j = 0; j < jobs; j++) CLIO_TRY(take_answer(n, &questions[of[j]], &job[j], attempt));
  return CLIO_OK;
}

static void count_missing(naming *n, const naming_question *questions, uint64_t count) {
  for (uint64_t q = 0; q < count; q++)
    for (uint64_t i = 0; i < questions[q].count; i++) {
      const naming_node *node = questions[q].node[i];
      n->names.never += node->wants_name && !node->name;
      n->descriptions.never += node->wants_description && !node->description;
    }
}

clio_status naming_criteria(naming *n, const clio_columns *columns, const char *text,
                            const char *own) {
  const clio_column *column = clio_planned(columns, text);
  const char *help = column && column->help ? column->help : "";
  prompt_text t = prompt_begin(n->w->host, n->w->call);
  prompt_put(&t, clio_span_of(own, (int64_t)strlen(own)));
  if (strncmp(help, PROMPT_NAMES, sizeof PROMPT_NAMES - 1) == 0) {
    help += sizeof PROMPT_NAMES - 1;
    prompt_say(&t, "\n");
    prompt_put(&t, clio_span_of(help, (int64_t)strlen(help)));
  }
  return prompt_end(&t, &n->criteria);
}

clio_status naming_run(naming *n, naming_question *questions, uint64_t count) {
  uint64_t asked = 1;
  for (int attempt = 0; attempt <= n->repairs && asked > 0; attempt++) {
    if (n->w->host->cancelled(n->w->call)) return CLIO_E_CANCELLED;
    CLIO_TRY(ask(n, questions, count, attempt, &asked));
    if (attempt < n->repairs) CLIO_TRY(part_twins(n, questions, count));
  }
  count_missing(n, questions, count);
  return CLIO_OK;
}

void naming_report(const naming *n, const char *what) {
  const naming_tally *a = &n->names, *b = &n->descriptions;
  clio_logf(n->w->host, n->w->call, CLIO_LOG_INFO,
            "%s: %llu passed the text rule at once, %llu after a repair, %llu not; "
            "descriptions: %llu, %llu, %llu",
            what, (unsigned long long)a->first, (unsigned long long)a->repaired,
            (unsigned long long)a->never, (unsigned long long)b->first,
            (unsigned long long)b->repaired, (unsigned long long)b->never);
}
