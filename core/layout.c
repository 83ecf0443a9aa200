/* layout.c - wrapping and hanging text; see layout.h. */
#include "clio-build.h"

#include "layout.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

static const char bold[] = "\033[1m", plain[] = "\033[0m";

bool layout_wants_color(FILE *to) {
  const char *no_color = g_getenv("NO_COLOR");
  if (no_color && no_color[0]) return false;
  return isatty(fileno(to)) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

int layout_columns(FILE *to) {
  struct winsize size = {0};
  if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char *columns = g_getenv("COLUMNS");
  long n = columns ? strtol(columns, NULL, 10) : 0;
  return n > 0 && n < 1000 ? (int)n : 80;
}

static void append_spaces(layout *l, int count) {
  for (int i = 0; i < count; i++) g_string_append_c(l->out, ' ');
}

static void append_bold(layout *l, const char *text) {
  if (l->color) g_string_append(l->out, bold);
  g_string_append(l->out, text);
  if (l->color) g_string_append(l->out, plain);
}

static char *clean(const char *text) { return text_for_terminal(text, (int64_t)strlen(text)); }

void layout_heading(layout *l, const char *text) {
  g_autofree char *shown = clean(text);
  if (l->out->len > 0) g_string_append_c(l->out, '\n');
  append_bold(l, shown);
  g_string_append_c(l->out, '\n');
}

/* A line being filled. */
typedef struct line {
  layout *l;
  int indent, column; /* column: where the next character goes */
  bool empty;         /* nothing but the indent stands on it */
} line;

static void line_break(line *at) {
  g_string_append_c(at->l->out, '\n');
  append_spaces(at->l, at->indent);
  at->column = at->indent;
  at->empty = true;
}

/* A word longer than a line is cut where the line ends. */
static void put_word(line *at, const char *word) {
  int columns = text_columns(word);
  int room = at->l->width - at->column - (at->empty ? 0 : 1);
  if (columns > room && !at->empty) {
    line_break(at);
  } else if (!at->empty) {
    g_string_append_c(at->l->out, ' ');
    at->column++;
  }
  for (room = at->l->width - at->column; columns > room; columns = text_columns(word)) {
    size_t fits = MAX(text_fit(word, MAX(room, 2)), 1);
    g_string_append_len(at->l->out, word, (gssize)fits);
    word += fits;
    line_break(at);
    room = at->l->width - at->column;
  }
  g_string_append(at->l->out, word);
  at->column += columns;
  at->empty = false;
}

/* Words of one paragraph onto a line that is already indented. */
static void put_paragraph(line *at, const char *text) {
  g_autofree char *shown = clean(text);
  g_auto(GStrv) words = g_strsplit(shown, " ", -1);
  for (char **word = words; *word; word++)
    if (**word) put_word(at, *word);
}

static void put_paragraphs(line *at, const char *text) {
  g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
  for (char **p = paragraphs; *p; p++) {
    if (p != paragraphs) {
      g_string_append_c(at->l->out, '\n');
      line_break(at);
    }
    put_paragraph(at, *p);
  }
  g_string_append_c(at->l->out, '\n');
}

void layout_text(layout *l, int indent, const char *text) {
  line at = {.l = l, .indent = indent, .column = indent, .empty = true};
  append_spaces(l, indent);
  put_paragraphs(&at, text);
}

void layout_item(layout *l, int indent, int hang, const char *label, const char *text) {
  g_autofree char *shown = clean(label);
  int used = indent + text_columns(shown);
  append_spaces(l, indent);
  append_bold(l, shown);
  line at = {.l = l, .indent = hang, .column = hang, .empty = true};
  if (used + 1 <= hang)
    append_spaces(l, hang - used);
  else
    line_break(&at);
  put_paragraphs(&at, text);
}
