/* layout.h - text for a terminal of a given width: headings, paragraphs and
 * hanging items, wrapped at spaces by the columns that characters take. All
 * text put in passes text_for_terminal, so that nothing foreign controls the
 * terminal. Knows no terminal itself: it fills a string. Not thread-safe. */
#ifndef CLIO_CORE_LAYOUT_H
#define CLIO_CORE_LAYOUT_H
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct layout {
  GString *out;
  bool color; /* headings and labels in bold */
  int width;  /* columns; a line is never longer */
} layout;

/* Is `to` a terminal that wants colours (NO_COLOR unset or empty, TERM not
 * "dumb")? */
bool layout_wants_color(FILE *to);

/* Columns of the terminal `to`; where it is none, COLUMNS counts, else 80. */
int layout_columns(FILE *to);

/* A line of its own, in bold; an empty line before it unless it is the first. */
void layout_heading(layout *l, const char *text);

/* Paragraphs, each line indented. An empty line in `text` separates paragraphs;
 * a single line end is a space. */
void layout_text(layout *l, int indent, const char *text);

/* A label, in bold, at `indent`, and a text that hangs at column `hang` beside
 * it; below it where the label is too long. */
void layout_item(layout *l, int indent, int hang, const char *label, const char *text);
#endif
