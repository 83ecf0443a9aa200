/* roff.c - manual pages in troff's man macros; see roff.h. */
#include "roff.h"

#include <string.h>

#include "clio-build.h"

enum { LINE = 64 };

/* When the pages' wording last changed; pages do not tell when they were built. */
static const char page_date[] = "2026-11-24";

static void put_char(GString *out, char c) {
  switch (c) {
  case '\\': g_string_append(out, "\\e"); break;
  case '-': g_string_append(out, "\\-"); break;
  case '\'': g_string_append(out, "\\(aq"); break;
  case '"': g_string_append(out, "\\(dq"); break;
  case '`': g_string_append(out, "\\(ga"); break;
  case '^': g_string_append(out, "\\(ha"); break;
  case '~': g_string_append(out, "\\(ti"); break;
  case '\n': g_string_append_c(out, ' '); break;
  default: g_string_append_c(out, c);
  }
}

/* A point at the start of a line would be a request. */
static void put_escaped(GString *out, const char *text, gsize length) {
  if (length > 0 && *text == '.') g_string_append(out, "\\&");
  for (gsize i = 0; i < length; i++) put_char(out, text[i]);
}

static void put_quoted(GString *out, const char *text) {
  g_string_append_c(out, '"');
  put_escaped(out, text, strlen(text));
  g_string_append_c(out, '"');
}

static gboolean ends_sentence(const char *word, gsize length) {
  return length > 2 && strchr(".?!", word[length - 1]) != NULL;
}

/* Words of one paragraph: a new line after a sentence, and where one is full. */
static void put_words(GString *out, const char *text, gsize length) {
  gsize column = 0;
  for (gsize at = 0; at < length;) {
    gsize end = at;
    while (end < length && text[end] != ' ' && text[end] != '\n') end++;
    if (end > at && column > 0) {
      gboolean full = column + 1 + end - at > LINE || ends_sentence(text, at - 1);
      g_string_append_c(out, full ? '\n' : ' ');
      column = full ? 0 : column + 1;
    }
    put_escaped(out, text + at, end - at);
    column += end - at;
    at = end + 1;
  }
  g_string_append_c(out, '\n');
}

void roff_head(GString *out, const char *page, int section, const char *summary) {
  g_autofree char *title = g_ascii_strup(page, -1);
  g_string_append(out, ".\\\" Written by clio; do not edit.\n.TH ");
  put_quoted(out, title);
  g_string_append_printf(out, " %d \"%s\" \"clio %s\" \"Clio Manual\"\n", section, page_date,
                         PACKAGE_VERSION);
  roff_section(out, "NAME");
  put_escaped(out, page, strlen(page));
  g_string_append(out, " \\-\n");
  put_words(out, summary, strlen(summary));
}

void roff_section(GString *out, const char *heading) {
  g_string_append(out, ".SH ");
  put_quoted(out, heading);
  g_string_append_c(out, '\n');
}

void roff_subsection(GString *out, const char *heading) {
  g_string_append(out, ".SS ");
  put_quoted(out, heading);
  g_string_append_c(out, '\n');
}

void roff_text(GString *out, const char *text) {
  g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
  for (char **p = paragraphs; *p; p++) {
    if (p != paragraphs) g_string_append(out, ".PP\n");
    put_words(out, *p, strlen(*p));
  }
}

void roff_item(GString *out, const char *tag, const char *text) {
  roff_option(out, tag, NULL, text);
}

void roff_option(GString *out, const char *typed, const char *value, const char *text) {
  g_string_append(out, ".TP\n.B");
  g_string_append(out, value ? "I " : " ");
  g_autofree char *start = value ? g_strconcat(typed, " ", NULL) : g_strdup(typed);
  put_quoted(out, start);
  if (value) {
    g_string_append_c(out, ' ');
    put_quoted(out, value);
  }
  g_string_append_c(out, '\n');
  put_words(out, text, strlen(text));
}

void roff_example(GString *out, gboolean first, const char *line, const char *text) {
  if (!first) g_string_append(out, ".PP\n");
  if (*text) put_words(out, text, strlen(text));
  g_string_append(out, ".RS 4\n.nf\n");
  put_escaped(out, line, strlen(line));
  g_string_append(out, "\n.fi\n.RE\n");
}

void roff_page(GString *out, const char *page, int section, gboolean last) {
  g_string_append(out, ".BR ");
  put_escaped(out, page, strlen(page));
  g_string_append_printf(out, " (%d)%s\n", section, last ? "" : ",");
}
