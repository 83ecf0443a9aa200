/* inspect.c - `clio inspect` for people; see inspect.h. */
#include "inspect.h"

#include <string.h>

#include "asset.h"
#include "config.h"
#include "schema.h"

enum { INDENT = 2, LABELS = 14, DETAIL = 6 };

const inspect_cap inspect_caps[] = {
    {CLIO_CAP_LLM, "llm", "asks a language model, through the host"},
    {CLIO_CAP_NETWORK, "network", "opens sockets of its own; refused by default"},
    {CLIO_CAP_NONDETERMINISTIC, "nondeterministic", "its results are not repeatable"},
    {CLIO_CAP_DECLASSIFY, "declassify",
     "may make DERIVED columns of RAW ones, where privacy.declassify names the stage"},
    {CLIO_CAP_EXEC, "exec", "starts programs; refused without --allow-exec"},
    {CLIO_CAP_SHARDED, "sharded", "may run on every rank of a cluster, with its share"},
};
const size_t inspect_caps_count = G_N_ELEMENTS(inspect_caps);

const char *inspect_threads(uint32_t threads) {
  static const char *const names[] = {"serial", "parallel", "exclusive"};
  return threads < G_N_ELEMENTS(names) ? names[threads] : "unknown";
}

/* ---- the list ---- */

bool inspect_has_kind(const registry *r, const char *kind) {
  const GPtrArray *entries = registry_entries(r);
  for (guint i = 0; i < entries->len; i++)
    if (!strcmp(((const registry_entry *)entries->pdata[i])->kind, kind)) return true;
  return false;
}

static void list_entries(const GPtrArray *entries, const char *wanted, layout *l) {
  const char *kind = "";
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *e = g_ptr_array_index(entries, i);
    if (wanted && strcmp(wanted, e->kind) != 0) continue;
    if (strcmp(kind, e->kind) != 0) layout_heading(l, e->kind);
    kind = e->kind;
    layout_item(l, INDENT, LABELS + INDENT, e->name, e->summary);
  }
}

static void list_refusals(const GPtrArray *refusals, layout *l) {
  if (refusals->len == 0) return;
  layout_heading(l, "refused");
  for (guint i = 0; i < refusals->len; i++) {
    const registry_refusal *r = g_ptr_array_index(refusals, i);
    layout_text(l, INDENT, r->path);
    layout_text(l, DETAIL, r->why);
  }
}

void inspect_list(const registry *r, const char *kind, layout *l) {
  const GPtrArray *entries = registry_entries(r);
  if (entries->len == 0)
    layout_text(l, 0,
                "no stages are installed; set CLIO_PLUGIN_PATH to the folder of their .so files");
  list_entries(entries, kind, l);
  if (!kind) list_refusals(registry_refusals(r), l);
}

/* ---- one stage ---- */

static void describe_plugin(const plugin_stage *ps, layout *l) {
  const clio_plugin *p = &ps->owner->p;
  g_autofree char *abi = g_strdup_printf("%u.%u (this clio: %d.%d)", p->abi_major, p->abi_minor,
                                         CLIO_ABI_MAJOR, CLIO_ABI_MINOR);
  const struct {
    const char *label, *text;
  } lines[] = {
      {"plugin", p->id},
      {"version", p->version},
      {"licence", p->license},
      {"vendor", p->vendor},
      {"web", p->url},
      {"ABI", abi},
      {"file", ps->owner->path},
      {"sha256", ps->owner->sha256},
      {"threads", inspect_threads(ps->s.threads)},
  };
  layout_heading(l, "Plugin");
  for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
    if (lines[i].text && lines[i].text[0])
      layout_item(l, INDENT, LABELS, lines[i].label, lines[i].text);
}

static void describe_caps(const plugin_stage *ps, layout *l) {
  if (!ps->s.caps) return;
  layout_heading(l, "Capabilities");
  uint64_t rest = ps->s.caps;
  for (size_t i = 0; i < inspect_caps_count; i++) {
    if (!(rest & inspect_caps[i].bit)) continue;
    rest &= ~inspect_caps[i].bit;
    layout_item(l, INDENT, LABELS, inspect_caps[i].name, inspect_caps[i].meaning);
  }
  if (rest) layout_text(l, INDENT, "others, which this clio does not know");
}

static void describe_assets(const plugin_stage *ps, layout *l) {
  if (ps->s.assets.count == 0) return;
  layout_heading(l, "Data files");
  for (uint32_t i = 0; i < ps->s.assets.count; i++) {
    const clio_asset_file *file = &ps->assets[i];
    g_autofree char *path = asset_path(file->name);
    bool there = asset_is_there(file->name);
    layout_text(l, INDENT, file->name);
    layout_item(l, INDENT * 2, LABELS + INDENT, "what", file->help);
    layout_item(l, INDENT * 2, LABELS + INDENT, "origin", file->origin);
    layout_item(l, INDENT * 2, LABELS + INDENT, "licence", file->license);
    layout_item(l, INDENT * 2, LABELS + INDENT, there ? "installed" : "missing", path);
    if (!there) layout_item(l, INDENT * 2, LABELS + INDENT, "to get it", file->cure);
  }
}

/* What a model backend can be asked, and how it works. */
static void describe_model(const clio_model *m, layout *l) {
  if (!m) return;
  layout_heading(l, "Model");
  const char *asks = m->asks == (CLIO_ASK_CHAT | CLIO_ASK_EMBED) ? "questions, embeddings"
                     : m->asks == CLIO_ASK_CHAT                  ? "questions"
                                                                 : "embeddings";
  layout_item(l, INDENT, LABELS, "answers", asks);
  layout_item(l, INDENT, LABELS, "works",
              m->answer ? "in this process; nothing leaves the machine"
                        : "over HTTP, which the host sends; it opens no socket and sees no key");
}

static void append_flag(GString *to, bool set, const char *name) {
  if (set) g_string_append_printf(to, ", %s", name);
}

/* "utf8, RAW, optional": what is sure of a column. */
static char *column_facts(const clio_column *c) {
  GString *facts = g_string_new(type_name(c->type));
  if (c->type == CLIO_T_VEC && c->dim) g_string_append_printf(facts, "[%u]", c->dim);
  g_string_append_printf(facts, ", %s", c->privacy ? privacy_name(c->privacy) : "class inherited");
  append_flag(facts, c->flags & CLIO_COL_OPTIONAL, "optional");
  append_flag(facts, c->flags & CLIO_COL_NULLABLE, "may be null");
  append_flag(facts, c->flags & CLIO_COL_FACET, "facet");
  append_flag(facts, c->flags & CLIO_COL_SENSITIVE, "sensitive");
  append_flag(facts, c->flags & CLIO_COL_AUDIT, "kept in private/");
  if (c->of) g_string_append_printf(facts, ", of %s", c->of);
  if (c->choices) {
    g_autofree char *list = g_strjoinv(", ", (char **)c->choices);
    g_string_append_printf(facts, ", one of: %s", list);
  }
  if (c->help && c->help[0]) g_string_append_printf(facts, "; %s", c->help);
  return g_string_free(facts, FALSE);
}

static void describe_port(const clio_port *p, bool input, layout *l) {
  g_autoptr(GString) facts = g_string_new(row_kind_name(p->rows));
  append_flag(facts, p->flags & CLIO_PORT_OPTIONAL, "optional");
  if (input)
    append_flag(facts, true, p->flags & CLIO_PORT_WHOLE ? "all rows at once" : "in batches");
  append_flag(facts, p->flags & CLIO_PORT_PASS, "the input's columns flow on");
  if (p->help && p->help[0]) g_string_append_printf(facts, "; %s", p->help);
  layout_item(l, INDENT, LABELS, p->name, facts->str);
  for (uint32_t i = 0; i < p->columns.count; i++) {
    g_autofree char *about = column_facts(&p->columns.items[i]);
    layout_item(l, INDENT * 2, LABELS * 2 - DETAIL, p->columns.items[i].name, about);
  }
}

static void describe_ports(const clio_ports *ports, bool input, layout *l) {
  if (ports->count == 0) return;
  layout_heading(l, input ? "Inputs" : "Outputs");
  for (uint32_t i = 0; i < ports->count; i++) describe_port(&ports->items[i], input, l);
}

/* ---- parameters ---- */

/* A default, as it would be written; a long text is cut. */
static char *short_default(const clio_param *p) {
  enum { LONGEST = 60 };
  if (g_utf8_strlen(p->def, -1) <= LONGEST) return g_strdup(p->def);
  g_autofree char *start = g_utf8_substring(p->def, 0, LONGEST);
  return g_strconcat(start, "...", NULL);
}

static char *param_facts(const clio_param *p) {
  g_autofree char *wants = config_wants(p);
  GString *facts = g_string_new(wants);
  if (p->unit && p->unit[0]) g_string_append_printf(facts, ", in %s", p->unit);
  if (p->def) {
    g_autofree char *def = short_default(p);
    g_string_append_printf(facts, "; default %s", def);
  } else {
    g_string_append(facts, "; must be given");
  }
  append_flag(facts, p->flags & CLIO_PARAM_INPUT, "the input (-i)");
  append_flag(facts, p->flags & CLIO_PARAM_COLUMN, "names columns");
  append_flag(facts, p->flags & CLIO_PARAM_MODEL,
              p->flags & CLIO_PARAM_EMBED ? "names a role of models, for embeddings"
                                          : "names a role of models");
  append_flag(facts, p->flags & CLIO_PARAM_ADVANCED, "advanced");
  append_flag(facts, p->flags & CLIO_PARAM_DEPRECATED, "deprecated");
  append_flag(facts, p->flags & CLIO_PARAM_NO_CACHE_KEY, "cannot change the result");
  return g_string_free(facts, FALSE);
}

/* `depth`: 0 of a stage's own, 1 of the records of one. */
static void describe_table(const clio_params *table, int depth, layout *l) {
  for (uint32_t i = 0; i < table->count; i++) {
    const clio_param *p = &table->items[i];
    g_autofree char *facts = param_facts(p);
    layout_item(l, INDENT * (depth + 1), LABELS + INDENT * (depth + 1), p->name, facts);
    if (p->help && p->help[0]) layout_text(l, LABELS + INDENT * (depth + 1), p->help);
    describe_table(&p->fields, depth + 1, l);
  }
}

static void describe_params(const plugin_stage *ps, layout *l) {
  layout_heading(l, "Parameters");
  if (ps->s.params.count == 0) layout_text(l, INDENT, "none");
  describe_table(&ps->s.params, 0, l);
}

void inspect_stage(const plugin_stage *ps, layout *l) {
  g_autofree char *title = g_strdup_printf("%s/%s", ps->s.kind, ps->s.name);
  layout_heading(l, title);
  layout_text(l, INDENT, ps->s.summary);
  if (ps->s.help && ps->s.help[0]) {
    g_string_append_c(l->out, '\n');
    layout_text(l, INDENT, ps->s.help);
  }
  describe_plugin(ps, l);
  describe_caps(ps, l);
  describe_assets(ps, l);
  describe_model(ps->model, l);
  describe_ports(&ps->s.inputs, true, l);
  describe_ports(&ps->s.outputs, false, l);
  describe_params(ps, l);
}
