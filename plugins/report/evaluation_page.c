/* evaluation_page.c - evaluation.html: one file without scripts or anything from
 * elsewhere, readable in light and dark and on paper. */
#include "evaluation.h"
#include "jsonout.h"
#include "strmap.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Evaluation</title>\n<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;"
    " padding: 0 1rem; }\n"
    "table { border-collapse: collapse; margin: 1rem 0; }\n"
    "th, td { padding: .2rem .8rem; border-bottom: 1px solid #8884; text-align: left; }\n"
    "td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }\n"
    ".wide { overflow-x: auto; }\n"
    ".matrix { font-size: .75rem; }\n.matrix td { padding: .2rem .35rem; text-align: right; }\n"
    ".matrix th { padding: .2rem .35rem; }\n"
    ".matrix thead th { writing-mode: vertical-rl; transform: rotate(180deg); }\n"
    "</style>\n";

/* The file being written. The first failure sticks. */
typedef struct page {
  const clio_host *host;
  clio_call *call;
  const clio_output *output;
  uint32_t file;
  clio_status status;
  const measured *m;
} page;

static void put_bytes(page *p, const char *bytes, size_t length) {
  if (p->status == CLIO_OK && length > 0)
    p->status = p->output->write(p->call, p->file, bytes, length);
}

static void put(page *p, const char *html) { put_bytes(p, html, strlen(html)); }

static void put_text(page *p, clio_span text) {
  int64_t start = 0;
  for (int64_t i = 0; i < text.len; i++) {
    char c = text.s[i];
    const char *as = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
    if (!as) continue;
    put_bytes(p, text.s + start, (size_t)(i - start));
    put(p, as);
    start = i + 1;
  }
  if (text.len > start) put_bytes(p, text.s + start, (size_t)(text.len - start));
}

/* Three digits behind the point; whole numbers above 1 as they are. */
static void put_number(page *p, double value) {
  char text[48];
  double rounded = (double)(int64_t)(value * 1000 + (value < 0 ? -0.5 : 0.5)) / 1000;
  if (value > 1e9 || value < -1e9) rounded = value;
  put_bytes(p, text, (size_t)jsonout_format_real(rounded, text));
}

static void put_cell(page *p, const clio_view *view, uint64_t row) {
  put(p, "<td class=\"n\">");
  if (clio_valid(view, row)) put_number(p, clio_f64(view, row));
  put(p, "</td>");
}

/* ---- the tables ---- */

static int is_confusion(const measured *m, uint64_t row) {
  return clio_span_is(clio_utf8(&m->metric, row), "confusion");
}

static void put_row(page *p, uint64_t row) {
  const measured *m = p->m;
  put(p, "<tr><td>");
  put_text(p, clio_utf8(&m->metric, row));
  put(p, "</td><td>");
  if (clio_utf8(&m->slice, row).s) put_text(p, clio_utf8(&m->slice, row));
  put(p, "</td>");
  put_cell(p, &m->value, row);
  put_cell(p, &m->low, row);
  put_cell(p, &m->high, row);
  put_cell(p, &m->reference, row);
  put(p, "<td class=\"n\">");
  put_number(p, (double)clio_i64(&m->n, row));
  put(p, "</td></tr>\n");
}

static void put_scores(page *p) {
  put(p, "<div class=\"wide\"><table>\n<thead><tr><th>measure</th><th>of</th><th class=\"n\">value"
         "</th><th class=\"n\">low</th><th class=\"n\">high</th><th class=\"n\">paper</th>"
         "<th class=\"n\">n</th></tr></thead>\n<tbody>\n");
  for (uint64_t i = 0; i < p->m->rows; i++)
    if (!is_confusion(p->m, i)) put_row(p, i);
  put(p, "</tbody></table></div>\n");
}

/* ---- the confusion ---- */

typedef struct confusion {
  strmap names;
  uint64_t *count; /* truth x said */
  uint64_t *truth; /* per truth */
} confusion;

/* The two names of "A > B". */
static int split(clio_span pair, clio_span *a, clio_span *b) {
  for (int64_t i = 0; i + 3 <= pair.len; i++)
    if (memcmp(pair.s + i, " > ", 3) == 0) {
      *a = clio_span_of(pair.s, i);
      *b = clio_span_of(pair.s + i + 3, pair.len - i - 3);
      return 1;
    }
  return 0;
}

static clio_status read_confusion(page *p, confusion *c) {
  clio_span truth, said;
  c->names = strmap_new(p->host, p->call);
  for (uint64_t i = 0; i < p->m->rows; i++) {
    if (!is_confusion(p->m, i) || !split(clio_utf8(&p->m->slice, i), &truth, &said)) continue;
    if (strmap_add(&c->names, truth.s, truth.len) == UINT32_MAX ||
        strmap_add(&c->names, said.s, said.len) == UINT32_MAX)
      return clio_nomem(p->host, p->call);
  }
  uint64_t n = c->names.count;
  c->count = clio_scratch_array(p->host, p->call, n * n + 1, sizeof *c->count);
  c->truth = clio_scratch_array(p->host, p->call, n + 1, sizeof *c->truth);
  if (!c->count || !c->truth) return clio_nomem(p->host, p->call);
  for (uint64_t i = 0; i < p->m->rows; i++) {
    if (!is_confusion(p->m, i) || !split(clio_utf8(&p->m->slice, i), &truth, &said)) continue;
    uint32_t a = strmap_find(&c->names, truth.s, truth.len);
    uint32_t b = strmap_find(&c->names, said.s, said.len);
    c->count[a * n + b] += (uint64_t)clio_i64(&p->m->n, i);
    c->truth[a] += (uint64_t)clio_i64(&p->m->n, i);
  }
  return CLIO_OK;
}

/* The darker, the greater its share of the row. */
static void put_count(page *p, uint64_t count, uint64_t of, int right) {
  char html[128];
  if (count == 0) {
    put(p, "<td></td>");
    return;
  }
  uint64_t percent = count * 80 / (of ? of : 1) + 8;
  snprintf(html, sizeof html, "<td style=\"background:rgb(%s / %llu%%)\">%llu</td>",
           right ? "60 160 90" : "210 90 60", (unsigned long long)percent,
           (unsigned long long)count);
  put(p, html);
}

static void put_confusion(page *p, const confusion *c) {
  uint64_t n = c->names.count;
  if (n == 0) return;
  put(p, "<h2>Confusion</h2>\n<p>One row for each true label, one column for the label that the "
         "clusters say.</p>\n<div class=\"wide\"><table class=\"matrix\">\n<thead><tr><td></td>");
  for (uint64_t i = 0; i < n; i++) {
    put(p, "<th scope=\"col\">");
    put_text(p, c->names.key[i]);
    put(p, "</th>");
  }
  put(p, "</tr></thead>\n<tbody>\n");
  for (uint64_t a = 0; a < n; a++) {
    put(p, "<tr><th scope=\"row\">");
    put_text(p, c->names.key[a]);
    put(p, "</th>");
    for (uint64_t b = 0; b < n; b++) put_count(p, c->count[a * n + b], c->truth[a], a == b);
    put(p, "</tr>\n");
  }
  put(p, "</tbody></table></div>\n");
}

/* ---- the page ---- */

static void put_intro(page *p, const released_run *run) {
  put(p, "<h1>Evaluation</h1>\n<p>");
  put_number(p, (double)run->conversations);
  put(p, " conversations, mode ");
  put_text(p, run->mode);
  if (run->public_why.s) {
    put(p, ": ");
    put_text(p, run->public_why);
  }
  put(p, ". Intervals are 95 %; 'paper' is a published figure on like data.</p>\n");
}

clio_status evaluation_page(const clio_host *host, clio_call *call, const released_run *run,
                            const measured *m) {
  page p = {.host = host, .call = call, .m = m};
  confusion c = {.count = NULL};
  p.output = clio_need(host, call, CLIO_OUTPUT_ID, sizeof(clio_output));
  if (!p.output) return CLIO_E_UNSUPPORTED;
  CLIO_TRY(read_confusion(&p, &c));
  CLIO_TRY(p.output->open(call, "evaluation.html", &p.file));
  put(&p, head);
  put_intro(&p, run);
  put_scores(&p);
  put_confusion(&p, &c);
  put(&p, "</html>\n");
  return p.status == CLIO_OK ? p.output->close(call, p.file) : p.status;
}
