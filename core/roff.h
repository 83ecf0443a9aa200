/* roff.h - writes manual pages in troff's man macros: escapes what troff would
 * take for its own, ends lines where sentences end. Fills a string; prints
 * nothing. Not thread-safe. */
#ifndef CLIO_CORE_ROFF_H
#define CLIO_CORE_ROFF_H
#include <glib.h>

/* The head of a page: "clio-run", section 1, what it describes in one line. */
void roff_head(GString *out, const char *page, int section, const char *summary);

/* .SH HEADING, .SS HEADING */
void roff_section(GString *out, const char *heading);
void roff_subsection(GString *out, const char *heading);

/* Running text; an empty line in `text` separates paragraphs. */
void roff_text(GString *out, const char *text);

/* A tag, in bold, and the text that hangs beside it. */
void roff_item(GString *out, const char *tag, const char *text);

/* The tag "-i, --input INPUT": what is typed in bold, `value` in italics. NULL:
 * there is none. */
void roff_option(GString *out, const char *typed, const char *value, const char *text);

/* A line as it is typed, apart from the text. `first`: of its section. */
void roff_example(GString *out, gboolean first, const char *line, const char *text);

/* Related pages, as bold names with their sections: "clio", 1. Ends with a
 * comma unless it is the last. */
void roff_page(GString *out, const char *page, int section, gboolean last);
#endif
