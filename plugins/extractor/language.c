/* language.c - extractor/language: the language most of what the user wrote is
 * in, by its English name. CLD2 tells the language, ICU its name; where there is
 * too little text for CLD2, a script that belongs to one language tells it. */
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "cld2_shim.h"
#include "clio_util.h"
#include "language_text.h"

/* As much text as is looked at, and as many languages as there may be names of. */
enum { LOOK_BYTES = 64 << 10, NAMES = 1024, NAME_BYTES = 48 };

typedef struct language {
  const clio_host *host;
  char names[NAMES][NAME_BYTES]; /* by CLD2's number; "" for none */
} language;

/* ---- names ---- */

/* The English name of a language code; 0 where it is the name of none, such as
 * CLD2's codes for scripts, or not spoken. Both written forms of Norwegian are Norwegian. */
static int name_of(const char *code, char ret_name[NAME_BYTES]) {
  UErrorCode error = U_ZERO_ERROR;
  UChar wide[NAME_BYTES];
  int32_t length = 0;
  ret_name[0] = '\0';
  if (strcmp(code, "un") == 0 || strcmp(code, "tlh") == 0 || strncmp(code, "xx", 2) == 0) return 0;
  if (strcmp(code, "nn") == 0 || strcmp(code, "nb") == 0) code = "no";
  uloc_getDisplayLanguage(code, "en", wide, NAME_BYTES, &error);
  if (error == U_ZERO_ERROR) u_strToUTF8(ret_name, NAME_BYTES, &length, wide, -1, &error);
  if (error != U_ZERO_ERROR || strcmp(ret_name, code) == 0) ret_name[0] = '\0';
  return ret_name[0] != '\0';
}

static int count_languages(void) {
  int n = cld2_languages();
  return n < NAMES ? n : NAMES;
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once, NULL-ended; returns their number. */
static size_t collect_names(char names[NAMES][NAME_BYTES], const char *ret_choices[NAMES + 1]) {
  size_t n = 0, kept = 0;
  for (int i = 0; i < count_languages(); i++)
    if (name_of(cld2_code(i), names[i])) ret_choices[n++] = names[i];
  qsort(ret_choices, n, sizeof *ret_choices, by_text);
  for (size_t i = 0; i < n; i++)
    if (kept == 0 || strcmp(ret_choices[kept - 1], ret_choices[i]) != 0)
      ret_choices[kept++] = ret_choices[i];
  ret_choices[kept] = NULL;
  return kept;
}

/* ---- one conversation ---- */

/* The user's messages, one after another, without code and addresses. Counted
 * in whole messages; only the last one that is looked at may be cut. */
static size_t gather(const clio_view *role, const clio_view *content, uint64_t row, char *text) {
  int64_t n = clio_list_count(role, row);
  size_t used = 0;
  for (int64_t i = 0; i < n && used < LOOK_BYTES - 1; i++) {
    clio_span one = clio_list_at(content, row, i);
    if (!clio_span_is(clio_list_at(role, row, i), "user")) continue;
    size_t len = (size_t)one.len, room = LOOK_BYTES - 1 - used;
    if (len > room) len = room;
    while (len < (size_t)one.len && len > 0 && (one.s[len] & 0xc0) == 0x80) len--;
    used += language_strip(one.s, len, text + used);
    text[used++] = '\n';
  }
  return used;
}

static int number_of(const char *code) {
  for (int i = 0; i < count_languages(); i++)
    if (strcmp(cld2_code(i), code) == 0) return i;
  return -1;
}

/* Its name, or NULL when it cannot be told. */
static const char *detect(const language *l, const char *text, size_t len) {
  int found = cld2_detect(text, (int)len);
  if (found < 0) {
    const char *code = language_of_script(text, len);
    found = code ? number_of(code) : -1;
  }
  return found >= 0 && found < NAMES && l->names[found][0] ? l->names[found] : NULL;
}

/* ---- the stage ---- */

static clio_status language_process(void *self, clio_call *call, uint32_t port,
                                    const clio_table *in) {
  const language *l = self;
  const clio_host *host = l->host;
  uint64_t n = host->rows(in);
  clio_view role, content;
  (void)port;
  CLIO_TRY(clio_get(host, call, in, "role", CLIO_T_LIST, &role));
  CLIO_TRY(clio_get(host, call, in, "content", CLIO_T_LIST, &content));
  char *text = host->scratch(call, LOOK_BYTES);
  if (!text) return clio_nomem(host, call);
  clio_builder *out = host->start(call, 0, in, NULL, n);
  int32_t column = host->add(out, "language", CLIO_T_UTF8, 0);
  for (uint64_t i = 0; i < n; i++) {
    if (host->cancelled(call)) return CLIO_E_CANCELLED;
    clio_put_text(host, out, column, i, detect(l, text, gather(&role, &content, i, text)));
  }
  return host->emit(out);
}

static clio_status language_plan(const clio_host *host, clio_plan *plan, const void *config) {
  char names[NAMES][NAME_BYTES];
  const char *choices[NAMES + 1];
  (void)config;
  collect_names(names, choices);
  const clio_column column = {.name = "language",
                              .help = "the language the user mostly wrote in; null: unknown",
                              .type = CLIO_T_UTF8,
                              .privacy = CLIO_P_DERIVED,
                              .flags = CLIO_COL_FACET | CLIO_COL_NULLABLE,
                              .choices = choices};
  return host->plan_output(plan, 0, &column);
}

static clio_status language_create(const clio_host *host, clio_call *call, const void *config,
                                   void **ret_self) {
  language *l = calloc(1, sizeof *l);
  (void)config;
  if (!l) return clio_nomem(host, call);
  l->host = host;
  for (int i = 0; i < count_languages(); i++) name_of(cld2_code(i), l->names[i]);
  *ret_self = l;
  return CLIO_OK;
}

static const clio_column reads[] = {
    {.name = "role", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
    {.name = "content", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW}};
static const clio_port inputs[] = {{.name = "conversations",
                                    .help = "messages",
                                    .columns = CLIO_LIST(reads),
                                    .rows = CLIO_ROWS_CONVERSATION}};
static const clio_port outputs[] = {{.name = "conversations",
                                     .help = "the same with 'language'",
                                     .flags = CLIO_PORT_PASS,
                                     .rows = CLIO_ROWS_CONVERSATION}};

static const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_DECLASSIFY,
    .kind = "extractor",
    .name = "language",
    .summary = "the language the user wrote in, by CLD2",
    .help =
        "Adds 'language', the English name of the language that most of the user's text is in "
        "('English', 'Japanese'), from a closed list. Code, URLs and addresses are left out "
        "first. Null where there is too little text to tell; very short texts are told by their "
        "script where it belongs to one language. Close relatives are taken for each other: "
        "Bosnian, Croatian and Serbian in Latin script, Malay and Indonesian; the written forms "
        "of Norwegian are one.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .plan = language_plan,
    .create = language_create,
    .process = language_process,
    .destroy = free,
};
static const clio_stage *const stages[] = {&stage, NULL};

CLIO_PLUGIN_DEFINE(extractor_language) = {CLIO_PLUGIN_INIT,   .id = "clio.extractor.language",
                                          .version = "0.1.0", .license = "Apache-2.0",
                                          .vendor = "Clio",   .stages = stages};
