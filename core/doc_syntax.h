/* doc_syntax.h - what is wrong with a text before, or because, libyaml cannot
 * read it, in our own words. Internal to doc.c. */
#ifndef CLIO_CORE_DOC_SYNTAX_H
#define CLIO_CORE_DOC_SYNTAX_H
#include <stdbool.h>
#include <yaml.h>

#include "diag.h"

/* Bytes no graph may hold: too many, invalid UTF-8, NUL and other controls,
 * characters that end a line in YAML but not in an editor, bidi controls.
 * Reports the first; false if there is one. */
bool doc_check_bytes(const char *text, size_t length, diag *d);

/* Reports why `parser` stopped: place, reason, cure. */
void doc_report_syntax(const yaml_parser_t *parser, const char *text, size_t length, diag *d);

/* A libyaml mark as a place; `length` is what is underlined. */
diag_pos doc_place(yaml_mark_t mark, size_t length);
#endif
