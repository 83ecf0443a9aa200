/* diag.c - findings about one file, collected, sorted and printed with their
 * source line; see diag.h. Knows nothing of what the file means. */
#include "diag.h"

#include <glib.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "layout.h"
#include "text.h"

enum { EXCERPT_FRAME = 15, SHOWN_COLUMNS = 100, SHOWN_BEFORE = 60, WORD_MAX = 64 };

typedef enum { DIAG_ERROR, DIAG_WARNING, DIAG_PRIVACY } diag_sort;

typedef struct finding {
  diag_pos at;
  diag_sort sort;
  guint order; /* in which it was added: of two at one place the first comes first */
  char *message;
} finding;

struct diag {
  char *file, *text;
  size_t length;
  GPtrArray *findings; /* finding* */
  GHashTable *seen;    /* "line:column:message" */
  GArray *masks;       /* diag_pos */
  GPtrArray *files;    /* diag*: of further files; owned */
  size_t errors, warnings;
  bool sorted;
};

static void finding_free(void *data) {
  finding *f = data;
  g_free(f->message);
  g_free(f);
}

diag *diag_new(const char *file, const char *text, size_t length) {
  diag *d = g_new0(diag, 1);
  d->file = g_strdup(file);
  d->text = g_memdup2(text, length); /* may hold NUL, which is then a finding */
  d->length = length;
  d->findings = g_ptr_array_new_with_free_func(finding_free);
  d->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  d->masks = g_array_new(FALSE, FALSE, sizeof(diag_pos));
  d->files = g_ptr_array_new_with_free_func((GDestroyNotify)diag_free);
  return d;
}

void diag_free(diag *d) {
  if (!d) return;
  g_ptr_array_unref(d->findings);
  g_hash_table_unref(d->seen);
  g_array_unref(d->masks);
  g_ptr_array_unref(d->files);
  g_free(d->file);
  g_free(d->text);
  g_free(d);
}

diag *diag_of_file(diag *d, const char *file, const char *text, size_t length) {
  for (guint i = 0; i < d->files->len; i++) {
    diag *other = g_ptr_array_index(d->files, i);
    if (strcmp(other->file, file) == 0) return other;
  }
  diag *other = diag_new(file, text, length);
  g_ptr_array_add(d->files, other);
  return other;
}

static void diag_add(diag *d, diag_sort sort, diag_pos at, const char *format, va_list args) {
  char *message = g_strdup_vprintf(format, args);
  char *key = g_strdup_printf("%u:%u:%s", at.line, at.column, message);
  if (!g_hash_table_add(d->seen, key)) {
    g_free(message);
    return;
  }
  finding *f = g_new0(finding, 1);
  *f = (finding){.at = at, .sort = sort, .order = d->findings->len, .message = message};
  g_ptr_array_add(d->findings, f);
  d->sorted = false;
  if (sort == DIAG_WARNING)
    d->warnings++;
  else
    d->errors++;
}

void diag_error(diag *d, diag_pos at, const char *format, ...) {
  va_list args;
  va_start(args, format);
  diag_add(d, DIAG_ERROR, at, format, args);
  va_end(args);
}

void diag_warning(diag *d, diag_pos at, const char *format, ...) {
  va_list args;
  va_start(args, format);
  diag_add(d, DIAG_WARNING, at, format, args);
  va_end(args);
}

void diag_privacy(diag *d, diag_pos at, const char *format, ...) {
  va_list args;
  va_start(args, format);
  diag_add(d, DIAG_PRIVACY, at, format, args);
  va_end(args);
}

void diag_mask(diag *d, diag_pos at) { g_array_append_val(d->masks, at); }

size_t diag_errors(const diag *d) {
  size_t count = d->errors;
  for (guint i = 0; i < d->files->len; i++) count += diag_errors(g_ptr_array_index(d->files, i));
  return count;
}

size_t diag_warnings(const diag *d) {
  size_t count = d->warnings;
  for (guint i = 0; i < d->files->len; i++) count += diag_warnings(g_ptr_array_index(d->files, i));
  return count;
}

/* ---- order ---- */

static int compare(uint32_t a, uint32_t b) { return (a > b) - (a < b); }

static int finding_compare(const void *left, const void *right) {
  const finding *a = *(finding *const *)left, *b = *(finding *const *)right;
  int c = compare(a->at.line, b->at.line);
  if (!c) c = compare(a->at.column, b->at.column);
  return c ? c : compare(a->order, b->order);
}

/* Sorting moves pointers and changes no finding, so a const diag may be sorted. */
static void diag_sort_findings(const diag *d) {
  if (d->sorted) return;
  g_ptr_array_sort(d->findings, finding_compare);
  ((diag *)d)->sorted = true;
}

/* ---- printing ---- */

/* Is this character one that a terminal obeys or does not show? */
static bool is_unprintable(gunichar c) {
  switch (g_unichar_type(c)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_FORMAT:
  case G_UNICODE_SURROGATE:
  case G_UNICODE_UNASSIGNED:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR: return true;
  default: return false;
  }
}

/* The next character of [*p, end) as it may be shown; moves *p past it. */
static gunichar take_shown(const char **p, const char *end) {
  gunichar c = g_utf8_get_char_validated(*p, end - *p);
  if (c == (gunichar)-1 || c == (gunichar)-2) {
    (*p)++;
    return '?';
  }
  *p = g_utf8_next_char(*p);
  if (c == '\t' || c == '\n') return ' ';
  return is_unprintable(c) ? '?' : c;
}

static void append_shown(GString *out, const char *text) {
  const char *end = text + strlen(text);
  while (text < end) g_string_append_unichar(out, take_shown(&text, end));
}

static unsigned char_columns(gunichar c) {
  if (g_unichar_iszerowidth(c)) return 0;
  return g_unichar_iswide(c) ? 2 : 1;
}

/* The bytes of a line (1-based) without its end; false if there is none. */
static bool find_line(const diag *d, uint32_t line, const char **ret_start, const char **ret_end) {
  const char *p = d->text, *end = d->text + d->length;
  for (uint32_t n = 1; n < line && p; n++) {
    p = memchr(p, '\n', (size_t)(end - p));
    if (p) p++;
  }
  if (!p) return false;
  const char *stop = memchr(p, '\n', (size_t)(end - p));
  if (!stop) stop = end;
  if (stop > p && stop[-1] == '\r') stop--;
  *ret_start = p;
  *ret_end = stop;
  return true;
}

static bool is_masked(const diag *d, uint32_t line, uint32_t column) {
  for (guint i = 0; i < d->masks->len; i++) {
    const diag_pos *m = &g_array_index(d->masks, diag_pos, i);
    if (m->line == line && column >= m->column && column < m->column + m->length) return true;
  }
  return false;
}

/* Which characters of a line are shown: [first, last), 1-based. */
static void choose_window(diag_pos at, uint32_t characters, uint32_t shown, uint32_t *ret_first,
                          uint32_t *ret_last) {
  uint32_t first = 1, last = characters + 1, before = MIN(SHOWN_BEFORE, shown / 2);
  if (characters > shown) {
    if (at.column > before) first = at.column - before;
    if (last - first > shown) last = first + shown;
  }
  *ret_first = first;
  *ret_last = last;
}

/* Two lines: the source and the caret below it; of the source at most `shown`
 * characters. */
static void append_excerpt(const diag *d, diag_pos at, uint32_t shown, GString *source,
                           GString *marks) {
  const char *p, *end;
  if (!find_line(d, at.line, &p, &end)) return;
  uint32_t characters = 0, first, last;
  for (const char *q = p; q < end; characters++) take_shown(&q, end);
  choose_window(at, characters, shown, &first, &last);
  const char *lead = first > 1 ? "..." : "";
  g_string_append_printf(source, "%5u | %s", at.line, lead);
  g_string_append_printf(marks, "      | %*s", (int)strlen(lead), "");
  uint32_t stop = at.column + MAX(at.length, 1);
  for (uint32_t column = 1; column < last || column <= at.column; column++) {
    gunichar c = p < end ? take_shown(&p, end) : ' ';
    if (column < first) continue;
    if (is_masked(d, at.line, column)) c = '*';
    if (column < last) g_string_append_unichar(source, c);
    char mark = column == at.column ? '^' : column > at.column && column < stop ? '~' : ' ';
    for (unsigned i = 0; i < char_columns(c); i++)
      g_string_append_c(marks, i && mark == '^' ? '~' : mark);
  }
  if (last <= characters) g_string_append(source, "...");
  g_strchomp(marks->str);
  marks->len = strlen(marks->str);
}

static const char *severity(const finding *f) {
  return f->sort == DIAG_WARNING ? "warning" : "error";
}

/* The message behind the place: on a terminal too narrow for both, below it. */
static void print_message(FILE *to, const char *message, int before, int columns, bool color) {
  const char *bold = color ? "\033[1m" : "", *plain = color ? "\033[0m" : "";
  if (columns == 0 || before + 1 + text_columns(message) < columns) {
    fprintf(to, " %s%s%s\n", bold, message, plain);
    return;
  }
  layout l = {.out = g_string_new(NULL), .width = columns - 1};
  layout_text(&l, 4, message);
  fprintf(to, "\n%s%s%s", bold, l.out->str, plain);
  g_string_free(l.out, TRUE);
}

/* `columns`: of the terminal, 0 where it is none. */
static void print_finding(const diag *d, const finding *f, FILE *to, int columns, bool color) {
  g_autoptr(GString) head = g_string_new(NULL);
  g_autoptr(GString) message = g_string_new(NULL);
  append_shown(head, d->file);
  if (f->at.line > 0) g_string_append_printf(head, ":%u:%u", f->at.line, f->at.column);
  append_shown(message, f->message);
  const char *paint = f->sort == DIAG_WARNING ? "\033[1;35m" : "\033[1;31m";
  const char *bold = color ? "\033[1m" : "", *plain = color ? "\033[0m" : "";
  fprintf(to, "%s%s:%s %s%s:%s", bold, head->str, plain, color ? paint : "", severity(f), plain);
  int before = text_columns(head->str) + (int)strlen(severity(f)) + 3;
  print_message(to, message->str, before, columns, color);
  if (f->at.line == 0) return;
  g_autoptr(GString) source = g_string_new(NULL);
  g_autoptr(GString) marks = g_string_new(NULL);
  uint32_t shown =
      columns ? (uint32_t)CLAMP(columns - EXCERPT_FRAME, 20, SHOWN_COLUMNS) : SHOWN_COLUMNS;
  append_excerpt(d, f->at, shown, source, marks);
  if (source->len == 0) return;
  fprintf(to, "%s\n%.8s%s%s%s\n", source->str, marks->str, color ? "\033[1;32m" : "",
          marks->str + MIN(marks->len, 8), plain);
}

void diag_print(const diag *d, FILE *to, bool color) {
  diag_sort_findings(d);
  int columns = isatty(fileno(to)) ? layout_columns(to) : 0;
  for (guint i = 0; i < d->findings->len; i++)
    print_finding(d, g_ptr_array_index(d->findings, i), to, columns, color);
  for (guint i = 0; i < d->files->len; i++) diag_print(g_ptr_array_index(d->files, i), to, color);
}

static void put_findings(json *j, const diag *d) {
  diag_sort_findings(d);
  for (guint i = 0; i < d->findings->len; i++) {
    const finding *f = g_ptr_array_index(d->findings, i);
    json_object(j);
    json_put_string(j, "file", d->file);
    json_put_int(j, "line", f->at.line);
    json_put_int(j, "column", f->at.column);
    json_put_string(j, "severity", severity(f));
    json_put_string(j, "kind", f->sort == DIAG_PRIVACY ? "privacy" : "graph");
    json_put_string(j, "message", f->message);
    const char *hint = strstr(f->message, "; ");
    json_put_string(j, "hint", hint ? hint + 2 : NULL);
    json_end(j);
  }
  for (guint i = 0; i < d->files->len; i++) put_findings(j, g_ptr_array_index(d->files, i));
}

char *diag_json(const diag *d) {
  json *j = json_new(false);
  json_array(j);
  put_findings(j, d);
  json_end(j);
  return json_take(j);
}

/* ---- suggestions ---- */

/* Damerau-Levenshtein distance with adjacent swaps (optimal string alignment),
 * capitals aside. Both words have at most WORD_MAX bytes. */
static unsigned word_distance(const char *a, size_t na, const char *b, size_t nb) {
  unsigned rows[3][WORD_MAX + 1];
  unsigned *before = rows[0], *above = rows[1], *row = rows[2];
  for (size_t j = 0; j <= nb; j++) above[j] = (unsigned)j;
  for (size_t i = 1; i <= na; i++) {
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= nb; j++) {
      char x = g_ascii_tolower(a[i - 1]), y = g_ascii_tolower(b[j - 1]);
      row[j] = MIN(MIN(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
      bool swapped =
          i > 1 && j > 1 && x == g_ascii_tolower(b[j - 2]) && y == g_ascii_tolower(a[i - 2]);
      if (swapped) row[j] = MIN(row[j], before[j - 2] + 1);
    }
    unsigned *spare = before;
    before = above;
    above = row;
    row = spare;
  }
  return above[nb];
}

const char *diag_suggest(const char *word, const char *const *candidates, size_t count) {
  size_t length = strlen(word);
  if (length < 2 || length > WORD_MAX) return NULL;
  unsigned best = length < 5 ? 2 : 3;
  const char *found = NULL;
  for (size_t i = 0; i < count; i++) {
    size_t other = strlen(candidates[i]);
    if (other > WORD_MAX) continue;
    unsigned distance = word_distance(word, length, candidates[i], other);
    if (distance >= best) continue;
    best = distance;
    found = candidates[i];
  }
  return found;
}
