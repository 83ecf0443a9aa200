/* doc_syntax.c - says in our own words, with place and cure, why a text is not
 * a document; see doc_syntax.h. libyaml's problems are C strings without
 * numbers, so they are matched by their words; one that is not known is passed
 * on as it is. */
#include "doc_syntax.h"

#include <glib.h>
#include <string.h>

#include "doc.h"

/* ---- bytes ---- */

diag_pos doc_place(yaml_mark_t mark, size_t length) {
  return (diag_pos){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1, (uint32_t)MAX(length, 1)};
}

/* The place of a byte in valid text. */
static diag_pos byte_place(const char *text, size_t offset) {
  uint32_t line = 1;
  const char *start = text, *at = text + offset, *next;
  while ((next = memchr(start, '\n', (size_t)(at - start)))) {
    start = next + 1;
    line++;
  }
  return (diag_pos){line, (uint32_t)g_utf8_strlen(start, at - start) + 1, 1};
}

/* Why a character cannot stand in a graph, or NULL. */
static const char *refused_character(gunichar c, const char *next) {
  if (c == '\t' || c == '\n') return NULL;
  if (c == '\r')
    return *next == '\n' ? NULL : "a carriage return without a line feed; end lines with LF";
  if (c == 0) return "a NUL byte; is this a text file?";
  if (c < 0x20 || c == 0x7F || (c >= 0x80 && c <= 0x9F))
    return "a control character; remove it, or write it as an escape in double quotes";
  if (c == 0x2028 || c == 0x2029)
    return "an invisible line separator; write \\u2028 or \\u2029 in double quotes";
  if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
    return "an invisible character that reorders text, so that a reader sees another graph than "
           "clio does; remove it";
  return NULL;
}

static bool check_characters(const char *text, size_t length, diag *d) {
  for (const char *p = text, *end = text + length; p < end;) {
    gunichar c = g_utf8_get_char(p);
    const char *next = c ? g_utf8_next_char(p) : p + 1;
    const char *why = refused_character(c, next < end ? next : "");
    if (why) {
      diag_error(d, byte_place(text, (size_t)(p - text)), "the file holds %s", why);
      return false;
    }
    p = next;
  }
  return true;
}

bool doc_check_bytes(const char *text, size_t length, diag *d) {
  if (length > DOC_BYTES_MAX) {
    diag_error(d, (diag_pos){0},
               "the file is larger than 1 MiB; put prompts and lists in files of their own");
    return false;
  }
  const char *bad = NULL;
  if (!g_utf8_validate_len(text, length, &bad) && *bad != '\0') {
    diag_error(d, byte_place(text, (size_t)(bad - text)),
               "byte 0x%02X here is no UTF-8; save the file as UTF-8", (unsigned char)*bad);
    return false;
  }
  /* A NUL stops validation; what stands before it is valid, and it is refused. */
  size_t valid = bad && bad < text + length ? (size_t)(bad - text) + 1 : length;
  return check_characters(text, valid, d);
}

/* ---- syntax ---- */

/* What an explanation may look at, and the place it may move. */
typedef struct problem {
  const yaml_parser_t *parser;
  const char *text, *end; /* the whole file */
  const char *at;         /* where libyaml stopped */
  diag_pos place;
} problem;

static const char *mark_pointer(const problem *p, yaml_mark_t mark) {
  const char *at = p->text;
  for (size_t i = 0; i < mark.index && at < p->end; i++) at = g_utf8_next_char(at);
  return MIN(at, p->end);
}

static char char_at(const problem *p, const char *at) { return at < p->end ? *at : '\0'; }

/* The character before `at` on its line that is not a space, or NULL. */
static const char *last_before(const problem *p, const char *at) {
  while (at > p->text && at[-1] == ' ') at--;
  return at > p->text && at[-1] != '\n' ? at - 1 : NULL;
}

static const char *line_start(const problem *p, const char *at) {
  while (at > p->text && at[-1] != '\n') at--;
  return at;
}

static void move_place(problem *p, const char *at) {
  p->place = byte_place(p->text, (size_t)(at - p->text));
}

/* libyaml stops at the colon of a key; people look at the key. */
static void move_to_word(problem *p) {
  const char *start = p->at;
  if (char_at(p, start) != ':') return;
  while (start > p->text && !strchr(" \n{[,", start[-1])) start--;
  if (start == p->at) return;
  move_place(p, start);
  p->place.length = (uint32_t)g_utf8_strlen(start, p->at - start);
}

static char *explain_quote(problem *p) {
  p->place = doc_place(p->parser->context_mark, 1);
  char quote = char_at(p, mark_pointer(p, p->parser->context_mark));
  return g_strdup_printf("this quote is never closed; add the closing %c", quote);
}

/* Inside { } or [ ] something stands where a comma or the end should. */
static char *explain_flow(problem *p) {
  bool map = strstr(p->parser->problem, "'}'") != NULL;
  const char *close = map ? "}" : "]", *open = map ? "{" : "[";
  if (char_at(p, p->at) == '{' && p->at > p->text && p->at[-1] == '$') {
    move_place(p, p->at - 1);
    p->place.length = 2;
    return g_strdup("inside { } or [ ] a variable stands in quotes: \"${name}\"");
  }
  move_to_word(p);
  unsigned line = (unsigned)p->parser->context_mark.line + 1;
  if (line == p->place.line)
    return g_strdup_printf("a ',' or the closing '%s' is missing before this", close);
  return g_strdup_printf(
      "a ',' or a '%s' is missing before this; the '%s' on line %u is still open", close, open,
      line);
}

static char *explain_value(problem *p) {
  const char *start = line_start(p, p->at);
  for (const char *q = start; q + 1 < p->at; q++)
    if (q[0] == ':' && q[1] == ' ') return g_strdup("a value that holds ': ' stands in quotes");
  move_to_word(p);
  return g_strdup("a key does not fit here; either the line above is no 'key: value' (a space "
                  "belongs after the colon), or this line is indented too far");
}

static char *explain_start(problem *p) {
  char c = char_at(p, p->at);
  if (c == '\t') return g_strdup("a tab cannot indent a line; use spaces");
  if (c == '|' || c == '>')
    return g_strdup_printf("a text with '%c' cannot stand inside { } or [ ]; put it in quotes", c);
  return g_strdup_printf("a value that starts with '%c' stands in quotes", c);
}

static char *explain_key(problem *p) {
  const char *before = last_before(p, p->at);
  if (before && (*before == '\'' || *before == '"'))
    return g_strdup_printf("text follows a closing quote; %s",
                           *before == '"' ? "write \\\" for a quote inside \"...\""
                                          : "write '' for a quote inside '...'");
  if (before && *before == '}')
    return g_strdup("text follows a closing '}'; start a new line, or put it inside");
  if (char_at(p, p->at) == '-')
    return g_strdup("a list item stands among 'key: value' lines; give it a key, or indent it");
  return g_strdup_printf("this line starts in column %u, and no line above that it could belong to "
                         "does; keys of one map start in one column",
                         p->place.column);
}

/* A line that should have been a key; libyaml notices at the next one. */
static char *explain_no_colon(problem *p) {
  const char *start = mark_pointer(p, p->parser->context_mark), *stop = start;
  while (stop < p->end && *stop != '\n') stop = g_utf8_next_char(stop);
  p->place = doc_place(p->parser->context_mark, (size_t)g_utf8_strlen(start, stop - start));
  return g_strdup("this line is no 'key: value'; a key fits on one line and is followed by ': '");
}

static char *explain_content(problem *p) {
  char c = char_at(p, p->at);
  if (c == ',') return g_strdup("a value is missing before this comma");
  if (c == ':') return g_strdup("a key is missing before this colon");
  if (c == ']' || c == '}') return g_strdup_printf("this '%c' closes nothing", c);
  if (c == '\0') return g_strdup("the file ends before a '{' or '[' is closed");
  return g_strdup("a value is missing before this");
}

/* A problem of libyaml, by its words and (where not NULL) its context's; then
 * either a sentence or a function that makes one. */
static const struct explanation {
  const char *problem, *context, *text;
  char *(*explain)(problem *);
} explanations[] = {
    {"found unexpected end of stream", "quoted scalar", NULL, explain_quote},
    {"found unexpected document indicator", NULL,
     "a quoted text runs into a '---' line; close the "
     "quote before it",
     NULL},
    {"did not find expected ',' or", NULL, NULL, explain_flow},
    {"mapping values are not allowed", NULL, NULL, explain_value},
    {"cannot start any token", NULL, NULL, explain_start},
    {"did not find expected key", NULL, NULL, explain_key},
    {"did not find expected node content", NULL, NULL, explain_content},
    {"did not find expected '-' indicator", NULL,
     "this line stands in a list and is no list item; start it with '- ', or indent it less", NULL},
    {"block sequence entries are not allowed", NULL,
     "a list item starts on a line of its own: '- ' below its key", NULL},
    {"could not find expected ':'", NULL, NULL, explain_no_colon},
    {"unknown escape", NULL,
     "no such escape in \"...\"; write \\\\ for a backslash, or use '...' quotes", NULL},
    {"Unicode character escape", NULL,
     "this \\u escape is half a pair, or no character; write the character itself", NULL},
    {"hexdecimal number", NULL,
     "an escape wants hexadecimal digits: two after \\x, four after \\u, eight after \\U", NULL},
    {"alphabetic or numeric character", NULL,
     "graphs have no anchors or aliases; put a text that starts with '&' or '*' in quotes", NULL},
    {"undefined tag handle", NULL, "graphs have no tags; put a text that starts with '!' in quotes",
     NULL},
    {"", "scanning a tag", "graphs have no tags; put a text that starts with '!' in quotes", NULL},
    {"", "directive", "graphs have no '%' directives; remove this line", NULL},
    {"incompatible YAML document", NULL, "graphs have no '%' directives; remove this line", NULL},
    {"duplicate %YAML", NULL, "graphs have no '%' directives; remove this line", NULL},
    {"<document start>", NULL,
     "the graph has ended before this; remove what follows, or a '}' too many", NULL},
    {"comment or line break", NULL, "after '|' or '>' the text starts on the next line", NULL},
    {"tab character", NULL, "a tab cannot indent a line; use spaces", NULL},
};

static char *explain(problem *p) {
  const char *words = p->parser->problem ? p->parser->problem : "";
  const char *context = p->parser->context ? p->parser->context : "";
  for (size_t i = 0; i < G_N_ELEMENTS(explanations); i++) {
    const struct explanation *e = &explanations[i];
    if (!strstr(words, e->problem) || (e->context && !strstr(context, e->context))) continue;
    return e->explain ? e->explain(p) : g_strdup(e->text);
  }
  return g_strdup_printf("this is no YAML: %s", words);
}

void doc_report_syntax(const yaml_parser_t *parser, const char *text, size_t length, diag *d) {
  problem p = {.parser = parser, .text = text, .end = text + length};
  p.at = mark_pointer(&p, parser->problem_mark);
  p.place = doc_place(parser->problem_mark, 1);
  g_autofree char *message = explain(&p);
  diag_error(d, p.place, "%s", message);
}
