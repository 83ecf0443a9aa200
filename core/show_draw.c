/* show_draw.c - draws a release as a tree for a terminal; see show.h. */
#include <string.h>

#include "show.h"
#include "text.h"

enum { LEAST_COLUMNS = 40, MOST_COLUMNS = 120, SHOWN_VALUES = 4 };

static const char bold[] = "\033[1m", dim[] = "\033[2m", bar_colour[] = "\033[36m",
                  plain[] = "\033[0m";

/* One drawing. Right of the names stand bar, count and share. */
typedef struct drawing {
  const show_release *release;
  const show_style *style;
  GString *out;
  int columns, bar, count; /* widths: all, the bar, the longest count */
  int64_t whole;           /* conversations of the root */
  int64_t largest;         /* of any node below it: the full bar */
} drawing;

/* ---- numbers ---- */

/* "1,234,567" */
static char *with_commas(int64_t n) {
  g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, n);
  GString *s = g_string_new(NULL);
  size_t length = strlen(digits);
  for (size_t i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-') g_string_append_c(s, ',');
    g_string_append_c(s, digits[i]);
  }
  return g_string_free(s, FALSE);
}

/* "12%", "<1%" */
static char *share_of(int64_t part, int64_t whole) {
  if (whole <= 0) return g_strdup("");
  if (part > 0 && part * 200 < whole) return g_strdup("<1%");
  return g_strdup_printf("%d%%", (int)((part * 200 + whole) / (2 * whole)));
}

/* ---- pieces ---- */

static void put_style(drawing *d, const char *code) {
  if (d->style->colour) g_string_append(d->out, code);
}

static void put_spaces(drawing *d, int n) {
  for (int i = 0; i < n; i++) g_string_append_c(d->out, ' ');
}

/* A bar of eighths of a column, as long as part is of whole. */
static void put_bar(drawing *d, int64_t part, int64_t whole) {
  static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  int64_t length = whole > 0 ? (part * d->bar * 8 + whole / 2) / whole : 0;
  if (length > d->bar * 8) length = d->bar * 8;
  int full = (int)(length / 8), rest = (int)(length % 8);
  put_style(d, bar_colour);
  for (int i = 0; i < full; i++) g_string_append(d->out, "█");
  g_string_append(d->out, eighths[rest]);
  put_style(d, plain);
  put_spaces(d, d->bar - full - (rest > 0));
}

/* Cuts the words that fit `columns` off the front of *rest: a whole word more
 * than fits is cut inside. */
static char *take_line(const char **rest, int columns) {
  size_t fits = text_fit(*rest, columns);
  size_t end = fits;
  if ((*rest)[fits] != '\0' && (*rest)[fits] != ' ') {
    while (end > 0 && (*rest)[end - 1] != ' ') end--;
    if (end == 0) end = fits > 0 ? fits : strlen(*rest);
  }
  char *line = g_strstrip(g_strndup(*rest, end));
  *rest += end;
  while (**rest == ' ') (*rest)++;
  return line;
}

/* Text over as many lines as it needs, each after `indent` spaces. */
static void put_paragraph(drawing *d, const char *utf8, int indent) {
  g_autofree char *clean = text_for_terminal(utf8, (int64_t)strlen(utf8));
  const char *rest = clean;
  while (*rest) {
    g_autofree char *line = take_line(&rest, d->columns - indent);
    put_spaces(d, indent);
    g_string_append_printf(d->out, "%s\n", line);
  }
}

/* ---- one node ---- */

/* The values of a column that most conversations of a node have: "English 80%,
 * Russian 12%". New string; NULL where nothing of it is shown. */
static char *top_values(const show_node *n, const char *column) {
  json_object *values = NULL;
  if (!n->facets || !json_object_object_get_ex(n->facets, column, &values)) return NULL;
  if (!json_object_is_type(values, json_type_array)) return NULL;
  GString *s = g_string_new(NULL);
  size_t count = MIN(json_object_array_length(values), (size_t)SHOWN_VALUES);
  for (size_t i = 0; i < count; i++) {
    json_object *item = json_object_array_get_idx(values, i), *value = NULL, *held = NULL;
    if (!json_object_object_get_ex(item, "value", &value)) continue;
    if (!json_object_object_get_ex(item, "count", &held)) continue;
    g_autofree char *share = share_of(json_object_get_int64(held), n->conversations);
    g_string_append_printf(s, "%s%s %s", s->len ? ", " : "", json_object_get_string(value), share);
  }
  return g_string_free(s, FALSE);
}

/* A node's name over one line or more, with its numbers behind the first.
 * `first`, `next`: what stands before its first line, and before the others. */
static void put_node(drawing *d, const show_node *n, const char *first, const char *next) {
  const char *name = n->is_rest ? "(smaller clusters)" : n->name ? n->name : n->facet;
  g_autofree char *clean = text_for_terminal(name, (int64_t)strlen(name));
  g_autofree char *count = with_commas(n->conversations);
  g_autofree char *share = share_of(n->conversations, d->whole);
  int room = d->columns - d->bar - d->count - 9 - text_columns(first);
  const char *rest = clean;
  g_autofree char *line = take_line(&rest, MAX(room, 8));
  put_style(d, dim);
  g_string_append(d->out, first);
  put_style(d, plain);
  if (!n->parent || n->is_rest) put_style(d, n->is_rest ? dim : bold);
  g_string_append(d->out, line);
  if (!n->parent || n->is_rest) put_style(d, plain);
  put_spaces(d, MAX(room, 8) - text_columns(line) + 1);
  if (n->parent)
    put_bar(d, n->conversations, d->largest);
  else
    put_spaces(d, d->bar);
  g_string_append_printf(d->out, "  %*s  %4s\n", d->count, count, share);
  while (*rest) {
    g_autofree char *more = take_line(&rest, MAX(room, 8));
    put_style(d, dim);
    g_string_append(d->out, next);
    put_style(d, plain);
    g_string_append_printf(d->out, "%s\n", more);
  }
}

static void put_values(drawing *d, const show_node *n, const char *before) {
  g_autofree char *values = d->style->column ? top_values(n, d->style->column) : NULL;
  if (!values) return;
  g_autofree char *clean = text_for_terminal(values, (int64_t)strlen(values));
  size_t fits = text_fit(clean, MAX(d->columns - text_columns(before), 8));
  put_style(d, dim);
  g_string_append_printf(d->out, "%s%.*s\n", before, (int)fits, clean);
  put_style(d, plain);
}

/* A node and what hangs below it. `before`: the branches that pass it by. */
static void put_branch(drawing *d, const show_node *n, const char *before, bool last, int depth) {
  bool open = n->children->len > 0 && (d->style->depth < 0 || depth < d->style->depth);
  g_autofree char *first =
      n->parent ? g_strconcat(before, last ? "└─ " : "├─ ", NULL) : g_strdup("");
  g_autofree char *below =
      n->parent ? g_strconcat(before, last ? "   " : "│  ", NULL) : g_strdup("");
  g_autofree char *next = g_strconcat(below, open ? "│  " : n->parent ? "" : "   ", NULL);
  put_node(d, n, first, next);
  put_values(d, n, next);
  for (guint i = 0; open && i < n->children->len; i++)
    put_branch(d, g_ptr_array_index(n->children, i), below, i + 1 == n->children->len, depth + 1);
}

/* ---- the header ---- */

static void put_header(drawing *d) {
  const show_release *r = d->release;
  g_autofree char *conversations = with_commas(r->conversations);
  g_autofree char *accounts = with_commas(r->accounts);
  g_autofree char *first = g_strdup_printf(
      "%s: %s %s of %s or more accounts", r->mode ? r->mode : "release", conversations,
      r->conversations == 1 ? "conversation" : "conversations", accounts);
  put_style(d, bold);
  put_paragraph(d, first, 0);
  put_style(d, plain);
  if (g_strcmp0(r->mode, "public") == 0) {
    g_autofree char *why = g_strconcat("Public data: ", r->public_why ? r->public_why : "", NULL);
    put_paragraph(d, why, 0);
  } else if (g_strcmp0(r->mode, "restricted") == 0) {
    put_paragraph(d, "Restricted: for an authorised investigation, not to be published.", 0);
  }
  if (g_strcmp0(r->assume, "one_account_per_conversation") == 0)
    put_paragraph(d, "Assumed: every conversation comes from another account.", 0);
  if (r->caveat) {
    g_autofree char *caveat = g_strdup_printf("Note: %s.", r->caveat);
    put_paragraph(d, caveat, 0);
  }
  if (r->least_accounts > 0 && g_strcmp0(r->mode, "public") != 0) {
    g_autofree char *least = g_strdup_printf("A cluster has at least %" G_GINT64_FORMAT
                                             " accounts and %" G_GINT64_FORMAT " conversations.",
                                             r->least_accounts, r->least_conversations);
    put_paragraph(d, least, 0);
    put_paragraph(d, "Smaller groups and values are hidden: what is not shown is not zero.", 0);
  }
  if (r->suppressed > 0) {
    g_autofree char *count = with_commas(r->suppressed);
    g_autofree char *line =
        g_strdup_printf("%s conversations lie in clusters too small to be shown.", count);
    put_paragraph(d, line, 0);
  }
}

/* The root's breakdowns: what is usual in the whole. */
static void put_base_rates(drawing *d, const show_node *root) {
  if (!root->facets || json_object_object_length(root->facets) == 0) return;
  int widest = 0;
  json_object_object_foreach(root->facets, name, unused) {
    (void)unused;
    widest = MAX(widest, text_columns(name));
  }
  json_object_object_foreach(root->facets, column, values) {
    (void)values;
    g_autofree char *top = top_values(root, column);
    if (!top || !*top) continue;
    g_autofree char *line =
        g_strdup_printf("%s%*s  %s", column, widest - text_columns(column), "", top);
    g_autofree char *clean = text_for_terminal(line, (int64_t)strlen(line));
    put_spaces(d, 2);
    g_string_append_printf(d->out, "%.*s\n", (int)text_fit(clean, d->columns - 2), clean);
  }
}

/* ---- the whole ---- */

static void measure(drawing *d) {
  d->columns = CLAMP(d->style->columns, LEAST_COLUMNS, MOST_COLUMNS);
  d->bar = CLAMP(d->columns / 6, 6, 24);
  for (guint i = 0; i < d->release->nodes->len; i++) {
    const show_node *n = g_ptr_array_index(d->release->nodes, i);
    g_autofree char *count = with_commas(n->conversations);
    d->count = MAX(d->count, (int)strlen(count));
  }
}

static void put_tree(drawing *d, const show_node *root) {
  d->whole = root->conversations;
  d->largest = 0;
  for (guint i = 0; i < d->release->nodes->len; i++) {
    const show_node *n = g_ptr_array_index(d->release->nodes, i);
    if (n->parent && strcmp(n->facet, root->facet) == 0)
      d->largest = MAX(d->largest, n->conversations);
  }
  g_string_append_c(d->out, '\n');
  put_branch(d, root, "", true, 0);
}

/* What there is where style->facet or style->column names nothing. */
static clio_status check_style(const show_release *r, const show_style *style, error *e) {
  bool facet = !style->facet, column = !style->column;
  g_autoptr(GString) facets = g_string_new(NULL);
  g_autoptr(GString) columns = g_string_new(NULL);
  for (guint i = 0; i < r->nodes->len; i++) {
    const show_node *n = g_ptr_array_index(r->nodes, i);
    if (n->parent) continue;
    facet |= g_strcmp0(n->facet, style->facet) == 0;
    g_string_append_printf(facets, "%s%s", facets->len ? ", " : "", n->facet);
    if (!n->facets) continue;
    json_object_object_foreach(n->facets, name, values) {
      (void)values;
      column |= g_strcmp0(name, style->column) == 0;
      g_string_append_printf(columns, "%s%s", columns->len ? ", " : "", name);
    }
  }
  if (!facet)
    return error_set(e, CLIO_E_CONFIG, "there is no tree '%s'; there are: %s", style->facet,
                     facets->str);
  if (!column)
    return error_set(e, CLIO_E_CONFIG, "no cluster is broken down by '%s'; there are: %s",
                     style->column, columns->len ? columns->str : "none");
  return CLIO_OK;
}

char *show_draw(const show_release *r, const show_style *style, error *e) {
  if (check_style(r, style, e) != CLIO_OK) return NULL;
  drawing d = {.release = r, .style = style, .out = g_string_new(NULL)};
  bool first = true;
  measure(&d);
  put_header(&d);
  for (guint i = 0; i < r->nodes->len; i++) {
    const show_node *n = g_ptr_array_index(r->nodes, i);
    if (n->parent || (style->facet && strcmp(style->facet, n->facet) != 0)) continue;
    if (first) put_base_rates(&d, n);
    first = false;
    put_tree(&d, n);
  }
  return g_string_free(d.out, FALSE);
}
