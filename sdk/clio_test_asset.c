/* clio_test_asset.c - the bench's clio.asset/1: files of a folder that the test
 * names, read once and kept until the bench is closed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clio_test_priv.h"

static bool asset_declared(const clio_stage *stage, const char *name) {
  bool knows = stage->struct_size >= offsetof(clio_stage, assets) + sizeof stage->assets;
  for (uint32_t i = 0; knows && i < stage->assets.count; i++) {
    const char *at = (const char *)stage->assets.items + (size_t)i * stage->assets.item_size;
    if (strcmp(((const clio_asset_file *)(const void *)at)->name, name) == 0) return true;
  }
  return false;
}

/* Reads the whole file; false when it is not there or empty. */
static bool asset_read(const char *folder, const char *name, bench_text *to) {
  char path[4096], part[65536];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;) bench_append(to, part, n);
  fclose(file);
  return to->used > 0;
}

static bench_file *asset_find(const clio_test *t, const char *name) {
  for (uint64_t i = 0; i < t->asset_count; i++)
    if (strcmp(t->assets[i].name, name) == 0) return &t->assets[i];
  return NULL;
}

static clio_status asset_map(clio_call *call, const char *name, const void **ret_bytes,
                             uint64_t *ret_len) {
  clio_test *t = call->t;
  if (!name || !asset_declared(t->stage, name))
    return bench_host.fail(call, CLIO_E_CONFIG,
                           "asked for a data file that its `assets` do not name");
  pthread_mutex_lock(&t->lock);
  bench_file *have = asset_find(t, name), fresh = {.name = NULL};
  if (!have && t->asset_folder && asset_read(t->asset_folder, name, &fresh.bytes)) {
    fresh.name = bench_copy(name);
    t->assets =
        bench_regrow(t->assets, t->asset_count * sizeof fresh, (t->asset_count + 1) * sizeof fresh);
    have = &t->assets[t->asset_count++];
    *have = fresh;
  }
  if (have) {
    *ret_bytes = have->bytes.s;
    *ret_len = have->bytes.used;
  }
  pthread_mutex_unlock(&t->lock);
  return have ? CLIO_OK : bench_host.fail(call, CLIO_E_IO, "cannot open the data file");
}

const clio_asset bench_asset = {sizeof(clio_asset), 0, asset_map};

void clio_test_assets(clio_test *t, const char *folder) {
  bench_asset_clear(t);
  t->asset_folder = bench_copy(folder);
}

void bench_asset_clear(clio_test *t) {
  for (uint64_t i = 0; i < t->asset_count; i++) {
    free(t->assets[i].name);
    free(t->assets[i].bytes.s);
  }
  free(t->assets);
  free(t->asset_folder);
  t->assets = NULL;
  t->asset_folder = NULL;
  t->asset_count = 0;
}
