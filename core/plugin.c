/* plugin.c - opens one shared object after looking it over, and copies its
 * descriptors; see plugin.h. What a descriptor may say is plugin_check.c's. */
#include "clio-build.h"

#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object.h"
#include "plugin_check.h"

enum { STRUCT_MAX = 1 << 16, MAJOR_PROBE_MAX = 9, STAGES_MAX = 256 };

/* ---- may this file be trusted? ---- */

/* Neither the world nor a third user can change `what`. */
static clio_status check_owner(const char *what, const struct stat *st, error *e) {
  if (st->st_mode & S_IWOTH)
    return error_set(e, CLIO_E_PRIVACY,
                     "anyone may write to %s (mode %04o) and so run code as you; chmod o-w it, or "
                     "move the plugin",
                     what, (unsigned)(st->st_mode & 07777));
  if (st->st_uid != 0 && st->st_uid != geteuid())
    return error_set(e, CLIO_E_PRIVACY,
                     "%s belongs to user %u, who is neither you nor root; take it over with chown "
                     "once you trust it",
                     what, (unsigned)st->st_uid);
  return CLIO_OK;
}

static clio_status check_folder(const char *path, error *e) {
  g_autofree char *folder = g_path_get_dirname(path);
  g_autofree char *what = g_strdup_printf("its folder '%s'", folder);
  struct stat st;
  if (stat(folder, &st) != 0)
    return error_errno(e, CLIO_E_IO, errno, "%s cannot be looked at", what);
  return check_owner(what, &st, e);
}

/* Opens the file for reading, if it is one and ours. */
static clio_status open_file(const char *path, int *ret_fd, error *e) {
  struct stat st;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return error_errno(e, CLIO_E_IO, errno, "cannot be opened");
  clio_status status = CLIO_OK;
  if (fstat(fd, &st) != 0)
    status = error_errno(e, CLIO_E_IO, errno, "cannot be looked at");
  else if (!S_ISREG(st.st_mode))
    status = error_set(e, CLIO_E_UNSUPPORTED, "is not a regular file");
  else
    status = check_owner("the file", &st, e);
  if (status == CLIO_OK) status = check_folder(path, e);
  if (status == CLIO_OK)
    *ret_fd = fd;
  else
    close(fd);
  return status;
}

/* Checks the file's content without loading it, and takes its hash. */
static clio_status check_content(plugin *p, int fd, error *e) {
  g_autoptr(GError) why = NULL;
  g_autoptr(GMappedFile) map = g_mapped_file_new_from_fd(fd, FALSE, &why);
  if (!map) return error_set(e, CLIO_E_IO, "cannot be read: %s", why->message);
  const guchar *bytes = (const guchar *)g_mapped_file_get_contents(map);
  gsize size = g_mapped_file_get_length(map);
  clio_status status = object_check(bytes, size, e);
  if (status != CLIO_OK) return status;
  g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, size);
  g_strlcpy(p->sha256, hash, sizeof p->sha256);
  return CLIO_OK;
}

/* ---- loading ---- */

static clio_status load_failed(const char *why, error *e) {
  const char *undefined = why ? strstr(why, "undefined symbol: ") : NULL;
  if (!undefined)
    return error_set(e, CLIO_E_UNSUPPORTED, "the dynamic linker refuses it: %s",
                     why ? why : "no reason given");
  const char *symbol = undefined + strlen("undefined symbol: ");
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "needs the symbol '%.*s', which neither it nor its libraries have; link it with "
                   "the library that does",
                   (int)strcspn(symbol, " ,("), symbol);
}

/* Is `symbol` data of this very object, big enough to say what it is? dlsym
 * would also find one in a library the plugin is linked with. */
static bool is_own_data(void *handle, const void *symbol) {
  struct link_map *object = NULL, *found = NULL;
  const ElfW(Sym) *entry = NULL;
  Dl_info info;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &object) != 0) return false;
  if (!dladdr1(symbol, &info, (void **)&found, RTLD_DL_LINKMAP) || found != object) return false;
  if (!dladdr1(symbol, &info, (void **)&entry, RTLD_DL_SYMENT) || !entry) return false;
  return ELF64_ST_TYPE(entry->st_info) == STT_OBJECT && entry->st_size >= offsetof(clio_plugin, id);
}

static clio_status no_symbol(void *handle, error *e) {
  for (int major = 0; major <= MAJOR_PROBE_MAX; major++) {
    char name[32];
    g_snprintf(name, sizeof name, "clio_plugin_v%d", major);
    const void *symbol = dlsym(handle, name);
    if (major == CLIO_ABI_MAJOR || !symbol || !is_own_data(handle, symbol)) continue;
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "is built for major %d of the plugin ABI, this clio has major %d; rebuild it "
                     "with this clio's clio.h",
                     major, CLIO_ABI_MAJOR);
  }
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "is not a clio plugin: it exports no data symbol clio_plugin_v%d; define one "
                   "with CLIO_PLUGIN_DEFINE",
                   CLIO_ABI_MAJOR);
}

static clio_status load(const char *path, const clio_plugin **ret, error *e) {
  dlerror();
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) return load_failed(dlerror(), e);
  const clio_plugin *symbol = dlsym(handle, "clio_plugin_v" G_STRINGIFY(CLIO_ABI_MAJOR));
  if (!symbol || !is_own_data(handle, symbol)) return no_symbol(handle, e);
  *ret = symbol;
  return CLIO_OK;
}

/* ---- the descriptor's head ---- */

static clio_status check_size(const char *what, uint32_t have, size_t least, error *e) {
  if (have >= least && have <= STRUCT_MAX) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "%s has struct_size %u, this clio knows %zu and more; set it with sizeof", what,
                   have, least);
}

static clio_status check_head(const clio_plugin *p, error *e) {
  if (p->magic != CLIO_MAGIC)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "has the magic 0x%08X where a clio plugin has 0x%08X; start it with "
                     "CLIO_PLUGIN_INIT",
                     p->magic, CLIO_MAGIC);
  if (p->abi_major != CLIO_ABI_MAJOR)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "is built for major %u of the plugin ABI, this clio has major %d; rebuild it "
                     "with this clio's clio.h",
                     p->abi_major, CLIO_ABI_MAJOR);
  if (p->abi_minor > CLIO_ABI_MINOR)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "needs ABI %u.%u, this clio has %d.%d; update clio, or build the plugin with "
                     "-DCLIO_ABI_MINOR=%d",
                     p->abi_major, p->abi_minor, CLIO_ABI_MAJOR, CLIO_ABI_MINOR, CLIO_ABI_MINOR);
  size_t least = offsetof(clio_plugin, stages) + sizeof p->stages;
  return check_size("its clio_plugin", p->struct_size, least, e);
}

/* ---- copies in this host's own layout ---- */

/* `count` items of `from_size` bytes as items of `to_size`, what is missing zero. */
static void *copy_items(const void *from, uint32_t count, size_t from_size, size_t to_size) {
  char *to = g_malloc0_n(count ? count : 1, to_size);
  for (uint32_t i = 0; i < count; i++)
    memcpy(to + i * to_size, (const char *)from + i * from_size, MIN(from_size, to_size));
  return to;
}

static void free_ports(clio_port *ports, uint32_t count) {
  for (uint32_t i = 0; ports && i < count; i++)
    g_free((clio_column *)(uintptr_t)ports[i].columns.items);
  g_free(ports);
}

static clio_status copy_ports(clio_ports *ports, clio_port **ret, error *e) {
  clio_port *copy = copy_items(ports->items, ports->count, ports->item_size, sizeof *copy);
  for (uint32_t i = 0; i < ports->count; i++) {
    clio_columns *columns = &copy[i].columns;
    clio_status status = plugin_check_columns(copy[i].name, columns, e);
    if (status != CLIO_OK) {
      free_ports(copy, i);
      return status;
    }
    columns->items =
        copy_items(columns->items, columns->count, columns->item_size, sizeof *columns->items);
    columns->item_size = sizeof *columns->items;
  }
  ports->items = *ret = copy;
  ports->item_size = sizeof *copy;
  return CLIO_OK;
}

static clio_status no_plan(const clio_host *host, clio_plan *plan, const void *config) {
  (void)host, (void)plan, (void)config;
  return CLIO_OK;
}

static clio_status no_create(const clio_host *host, clio_call *call, const void *config,
                             void **ret_self) {
  (void)host, (void)call, (void)config;
  *ret_self = NULL;
  return CLIO_OK;
}

static clio_status no_finish(void *self, clio_call *call) {
  (void)self, (void)call;
  return CLIO_OK;
}

static void no_destroy(void *self) { (void)self; }

/* So that no caller need ask whether a stage has this function. */
static void fill_functions(clio_stage *s) {
  if (!s->plan) s->plan = no_plan;
  if (!s->create) s->create = no_create;
  if (!s->finish) s->finish = no_finish;
  if (!s->destroy) s->destroy = no_destroy;
}

/* Parameters with those of their records. */
static clio_param *copy_params(const clio_params *from) {
  clio_param *copy = copy_items(from->items, from->count, from->item_size, sizeof *copy);
  for (uint32_t i = 0; i < from->count; i++) {
    clio_params *fields = &copy[i].fields;
    if (fields->count == 0) continue;
    fields->items = copy_items(fields->items, fields->count, fields->item_size, sizeof *copy);
    fields->item_size = sizeof *copy;
  }
  return copy;
}

static void free_params(clio_param *params, uint32_t count) {
  for (uint32_t i = 0; params && i < count; i++)
    if (params[i].fields.count) g_free((clio_param *)(uintptr_t)params[i].fields.items);
  g_free(params);
}

static void stage_free(void *data) {
  plugin_stage *ps = data;
  g_free((clio_model *)(uintptr_t)ps->model);
  free_ports(ps->inputs, ps->s.inputs.count);
  free_ports(ps->outputs, ps->s.outputs.count);
  free_params(ps->params, ps->s.params.count);
  g_free(ps->assets);
  g_free(ps);
}

/* Parameters and data files, which a stage and a model have alike. */
static void copy_lists(plugin_stage *ps) {
  clio_stage *s = &ps->s;
  s->params.items = ps->params = copy_params(&s->params);
  s->params.item_size = sizeof *ps->params;
  s->assets.items = ps->assets =
      copy_items(s->assets.items, s->assets.count, s->assets.item_size, sizeof *ps->assets);
  s->assets.item_size = sizeof *ps->assets;
}

/* Copies a stage and checks it; the copy belongs to p->stages either way. */
static clio_status copy_stage(plugin *p, const clio_stage *from, error *e) {
  size_t least = offsetof(clio_stage, destroy) + sizeof from->destroy;
  clio_status status = check_size("a clio_stage", from->struct_size, least, e);
  if (status != CLIO_OK) return status;
  plugin_stage *ps = g_new0(plugin_stage, 1);
  g_ptr_array_add(p->stages, ps);
  memcpy(&ps->s, from, MIN(from->struct_size, sizeof ps->s));
  ps->owner = p;
  clio_stage *s = &ps->s;
  status = plugin_check_lists(s, e);
  if (status == CLIO_OK) status = copy_ports(&s->inputs, &ps->inputs, e);
  if (status == CLIO_OK) status = copy_ports(&s->outputs, &ps->outputs, e);
  if (status != CLIO_OK) {
    error_prefix(e, "stage '%.64s'", s->name ? s->name : "(unnamed)");
    return status;
  }
  copy_lists(ps);
  status = plugin_check_stage(ps, e);
  fill_functions(s);
  return status;
}

/* What a model has in common with a stage, as one of kind "model". */
static clio_stage stage_of_model(const clio_model *m) {
  return (clio_stage){.struct_size = sizeof(clio_stage),
                      .threads = m->threads,
                      .caps = m->caps,
                      .kind = "model",
                      .name = m->name,
                      .summary = m->summary,
                      .help = m->help,
                      .params = m->params,
                      .config_size = m->config_size,
                      .plan = m->plan,
                      .create = m->create,
                      .destroy = m->destroy,
                      .assets = m->assets};
}

static clio_status copy_model(plugin *p, const clio_model *from, error *e) {
  size_t least = offsetof(clio_model, assets) + sizeof from->assets;
  clio_status status = check_size("a clio_model", from->struct_size, least, e);
  if (status != CLIO_OK) return status;
  plugin_stage *ps = g_new0(plugin_stage, 1);
  clio_model *model = g_new0(clio_model, 1);
  g_ptr_array_add(p->stages, ps);
  memcpy(model, from, MIN(from->struct_size, sizeof *model));
  ps->model = model;
  ps->owner = p;
  ps->s = stage_of_model(model);
  status = plugin_check_lists(&ps->s, e);
  if (status != CLIO_OK) {
    error_prefix(e, "model '%.64s'", model->name ? model->name : "(unnamed)");
    return status;
  }
  copy_lists(ps);
  status = plugin_check_model(ps, e);
  fill_functions(&ps->s);
  return status;
}

/* Who made it and on what terms, for inspect and the manifest. */
static clio_status check_origin(const clio_plugin *p, error *e) {
  const char *missing = NULL;
  if (!p->license || !p->license[0]) missing = "license";
  if (!p->version || !p->version[0]) missing = "version";
  if (!p->id || !p->id[0]) missing = "id";
  if (!missing) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED, "its clio_plugin has no %s; give it one", missing);
}

static clio_status too_many(error *e) {
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "holds more than %d stages or models; end the list with NULL", STAGES_MAX);
}

/* Is the one copied last the only one of its name? */
static clio_status check_last(const plugin *p, error *e) {
  const plugin_stage *ps = p->stages->pdata[p->stages->len - 1];
  if (plugin_find(p, ps->s.kind, ps->s.name) == ps) return CLIO_OK;
  return error_set(e, CLIO_E_UNSUPPORTED, "holds '%s/%s' twice", ps->s.kind, ps->s.name);
}

static clio_status copy_all(plugin *p, error *e) {
  const clio_stage *const *stages = p->p.stages;
  const clio_model *const *models = p->p.models;
  clio_status status = CLIO_OK;
  if (!(stages && stages[0]) && !(models && models[0]))
    return error_set(e, CLIO_E_UNSUPPORTED, "holds no stages and no models");
  for (int i = 0; stages && stages[i] && status == CLIO_OK; i++) {
    status = i < STAGES_MAX ? copy_stage(p, stages[i], e) : too_many(e);
    if (status == CLIO_OK) status = check_last(p, e);
  }
  for (int i = 0; models && models[i] && status == CLIO_OK; i++) {
    status = i < STAGES_MAX ? copy_model(p, models[i], e) : too_many(e);
    if (status == CLIO_OK) status = check_last(p, e);
  }
  return status;
}

/* ---- opening ---- */

static clio_status open_checked(plugin *p, error *e) {
  const clio_plugin *symbol = NULL;
  int fd = -1;
  clio_status status = open_file(p->path, &fd, e);
  if (status != CLIO_OK) return status;
  status = check_content(p, fd, e);
  close(fd);
  if (status == CLIO_OK) status = load(p->path, &symbol, e);
  if (status == CLIO_OK) status = check_head(symbol, e);
  if (status != CLIO_OK) return status;
  memcpy(&p->p, symbol, MIN(symbol->struct_size, sizeof p->p));
  status = check_origin(&p->p, e);
  return status == CLIO_OK ? copy_all(p, e) : status;
}

clio_status plugin_open(const char *path, plugin **ret, error *e) {
  plugin *p = g_new0(plugin, 1);
  p->stages = g_ptr_array_new_with_free_func(stage_free);
  char *real = realpath(path, NULL); /* what a link points to is what must be safe */
  clio_status status = CLIO_OK;
  if (real) {
    p->path = g_strdup(real);
    free(real);
    status = open_checked(p, e);
  } else {
    status = error_errno(e, CLIO_E_IO, errno, "cannot be found");
  }
  if (status == CLIO_OK) {
    *ret = p;
    return CLIO_OK;
  }
  error_prefix(e, "plugin '%s'", path);
  plugin_free(p);
  return status;
}

void plugin_free(plugin *p) {
  if (!p) return;
  g_ptr_array_free(p->stages, TRUE);
  g_free(p->path);
  g_free(p);
}

const plugin_stage *plugin_find(const plugin *p, const char *kind, const char *name) {
  for (guint i = 0; i < p->stages->len; i++) {
    const plugin_stage *ps = p->stages->pdata[i];
    if (strcmp(ps->s.kind, kind) == 0 && strcmp(ps->s.name, name) == 0) return ps;
  }
  return NULL;
}
