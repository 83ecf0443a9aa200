/* csv.c - report/csv: the release as clusters.csv and facets.csv, for
 * spreadsheets. RFC 4180: CRLF, fields quoted where they must be. A text that a
 * spreadsheet would run as a formula gets an apostrophe in front. */
#include "clio.h"
#include "clio_util.h"
#include "jsonout.h"
#include "released.h"

enum { PORT_RUN = 0, PORT_CLUSTERS, PORT_CELLS, PORTS };

typedef struct csv_self {
  const clio_host *host;
  const clio_table *table[PORTS];
  released_run run;
} csv_self;

/* A file of the release, written field by field. The first failure sticks. */
typedef struct csv_file {
  const clio_output *output;
  clio_call *call;
  uint32_t file;
  int fields; /* written in this record */
  clio_status status;
  size_t used;
  char buffer[1 << 14];
} csv_file;

static void csv_flush(csv_file *f) {
  if (f->status == CLIO_OK && f->used > 0)
    f->status = f->output->write(f->call, f->file, f->buffer, f->used);
  f->used = 0;
}

static void csv_byte(csv_file *f, char c) {
  if (f->used == sizeof f->buffer) csv_flush(f);
  f->buffer[f->used++] = c;
}

static void csv_bytes(csv_file *f, const char *bytes, int64_t len) {
  for (int64_t i = 0; i < len; i++) csv_byte(f, bytes[i]);
}

/* Would a spreadsheet take a cell that starts so for a formula? Fullwidth
 * forms count, since some programs fold them. */
static int starts_formula(clio_span text) {
  static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0",
                                     "\xe2\x88\x92"}; /* = + - @ and minus */
  if (text.len > 0 && text.s[0] != '\0' && strchr("=+-@\t\r\n", text.s[0])) return 1;
  for (size_t i = 0; text.len >= 3 && i < sizeof wide / sizeof wide[0]; i++)
    if (memcmp(text.s, wide[i], 3) == 0) return 1;
  return 0;
}

static int must_quote(clio_span text) {
  for (int64_t i = 0; i < text.len; i++)
    if (text.s[i] == ',' || text.s[i] == '"' || text.s[i] == '\r' || text.s[i] == '\n') return 1;
  return text.len > 0 && (text.s[0] == ' ' || text.s[text.len - 1] == ' ');
}

static void csv_next(csv_file *f) {
  if (f->fields++ > 0) csv_byte(f, ',');
}

/* A field of text; null is empty. */
static void csv_text(csv_file *f, clio_span text) {
  csv_next(f);
  if (!text.s) return;
  int quoted = must_quote(text);
  if (quoted) csv_byte(f, '"');
  if (starts_formula(text)) csv_byte(f, '\'');
  for (int64_t i = 0; i < text.len; i++) {
    if (text.s[i] == '"') csv_byte(f, '"');
    csv_byte(f, text.s[i]);
  }
  if (quoted) csv_byte(f, '"');
}

static void csv_int(csv_file *f, int64_t value) {
  char text[24];
  csv_next(f);
  csv_bytes(f, text, snprintf(text, sizeof text, "%lld", (long long)value));
}

static void csv_real(csv_file *f, double value) {
  char text[40];
  csv_next(f);
  csv_bytes(f, text, jsonout_format_real(value, text));
}

/* The last fields of every line: the mode, the assumption that its counts rest
 * on, and what is to be said of its names, so that a line taken out of the file still says so. */
static void csv_terms(csv_file *f, const released_run *run) {
  csv_text(f, run->mode);
  csv_text(f, run->assume);
  csv_text(f, run->caveat);
}

static void csv_end(csv_file *f) {
  csv_bytes(f, "\r\n", 2);
  f->fields = 0;
}

/* Opens a file and writes its header line. NULL when there is no memory. */
static csv_file *csv_open(const clio_host *host, clio_call *call, const char *name,
                          const char *header) {
  csv_file *f = host->scratch(call, sizeof *f);
  if (!f) return NULL;
  f->call = call;
  f->output = clio_need(host, call, CLIO_OUTPUT_ID, sizeof(clio_output));
  f->status = f->output ? f->output->open(call, name, &f->file) : CLIO_E_UNSUPPORTED;
  csv_bytes(f, header, (int64_t)strlen(header));
  csv_end(f);
  return f;
}

static clio_status csv_close(csv_file *f) {
  csv_flush(f);
  return f->status == CLIO_OK ? f->output->close(f->call, f->file) : f->status;
}

static void write_cluster(csv_file *f, const released_run *run, const released_node *node) {
  csv_text(f, node->id);
  csv_text(f, node->facet);
  csv_int(f, node->level);
  csv_text(f, node->parent);
  csv_text(f, node->name);
  csv_text(f, node->description);
  csv_int(f, node->conversations);
  if (node->is_rest) {
    for (int i = 0; i < 6; i++) csv_next(f);
  } else {
    csv_int(f, node->accounts);
    csv_int(f, node->organizations);
    if (node->has_position)
      csv_real(f, node->x), csv_real(f, node->y);
    else
      csv_next(f), csv_next(f);
    if (node->rating > 0)
      csv_int(f, node->rating);
    else
      csv_next(f);
    csv_text(f, node->auditor);
  }
  csv_int(f, node->is_rest ? 1 : 0);
  csv_terms(f, run);
  csv_end(f);
}

static clio_status write_clusters(csv_self *self, clio_call *call, const released_tree *tree) {
  csv_file *f = csv_open(self->host, call, "clusters.csv",
                         "id,facet,level,parent,name,description,conversations,accounts,"
                         "organizations,x,y,rating,auditor,rest,mode,assume,caveat");
  if (!f) return clio_nomem(self->host, call);
  for (uint64_t n = 0; n < tree->nodes; n++) write_cluster(f, &self->run, &tree->node[n]);
  return csv_close(f);
}

static clio_status write_facets(csv_self *self, clio_call *call, const released_tree *tree) {
  csv_file *f = csv_open(self->host, call, "facets.csv",
                         "id,facet,column,value,count,ratio,mode,assume,caveat");
  if (!f) return clio_nomem(self->host, call);
  for (uint64_t n = 0; n < tree->nodes; n++) {
    const released_node *node = &tree->node[n];
    for (uint64_t i = 0; i < node->cells; i++) {
      csv_text(f, node->id);
      csv_text(f, node->facet);
      csv_text(f, node->cell[i].column);
      csv_text(f, node->cell[i].value);
      csv_int(f, node->cell[i].count);
      csv_real(f, node->cell[i].ratio);
      csv_terms(f, &self->run);
      csv_end(f);
    }
  }
  return csv_close(f);
}

static clio_status csv_create(const clio_host *host, clio_call *call, const void *config,
                              void **ret_self) {
  (void)config;
  csv_self *self = calloc(1, sizeof *self);
  if (!self) return clio_nomem(host, call);
  self->host = host;
  *ret_self = self;
  return CLIO_OK;
}

static clio_status csv_process(void *state, clio_call *call, uint32_t port, const clio_table *in) {
  (void)call;
  csv_self *self = state;
  self->table[port] = self->host->ref(in);
  return CLIO_OK;
}

static clio_status csv_finish(void *state, clio_call *call) {
  csv_self *self = state;
  released_tree tree;
  CLIO_TRY(released_read_run(self->host, call, self->table[PORT_RUN], &self->run));
  CLIO_TRY(released_read_tree(self->host, call, self->table[PORT_CLUSTERS], self->table[PORT_CELLS],
                              &tree));
  CLIO_TRY(write_clusters(self, call, &tree));
  return write_facets(self, call, &tree);
}

static void csv_destroy(void *state) {
  csv_self *self = state;
  if (!self) return;
  for (int port = 0; port < PORTS; port++) self->host->unref(self->table[port]);
  free(self);
}

static const clio_port csv_inputs[] = {
    {.name = "run",
     .help = "about the release",
     .columns = CLIO_LIST(released_run_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_RUN},
    {.name = "clusters",
     .help = "the released clusters",
     .columns = CLIO_LIST(released_cluster_columns),
     .flags = CLIO_PORT_WHOLE,
     .rows = CLIO_ROWS_CLUSTER},
    {.name = "cells",
     .help = "the released cells",
     .columns = CLIO_LIST(released_cell_columns),
     .flags = CLIO_PORT_WHOLE | CLIO_PORT_OPTIONAL,
     .rows = CLIO_ROWS_CELL},
};

static const clio_stage csv_stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_SERIAL,
    .kind = "report",
    .name = "csv",
    .summary = "the release as clusters.csv and facets.csv, for spreadsheets",
    .help =
        "Writes clusters.csv, one line per cluster, and facets.csv, one line per cluster, column "
        "and value; each line ends with the mode and the assumption that its counts rest on. "
        "Texts that a spreadsheet would take for a formula start with an apostrophe.",
    .inputs = CLIO_LIST(csv_inputs),
    .create = csv_create,
    .process = csv_process,
    .finish = csv_finish,
    .destroy = csv_destroy,
};

static const clio_stage *const stages[] = {&csv_stage, NULL};
CLIO_PLUGIN_DEFINE(report_csv) = {CLIO_PLUGIN_INIT,   .id = "clio.report.csv",
                                  .version = "0.1.0", .license = "Apache-2.0",
                                  .vendor = "Clio",   .stages = stages};
