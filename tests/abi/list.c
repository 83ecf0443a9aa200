/* list.c - prints what the registry finds on CLIO_PLUGIN_PATH, or what a scan of
 * the files given says of each: `list`, or `list TIMEOUT_MS FILE...`. */
#include <stdio.h>
#include <stdlib.h>

#include "registry.h"
#include "scan.h"

static int list_registry(void) {
  error e = {0};
  registry *r = NULL;
  if (registry_new(&r, &e) != CLIO_OK) {
    fprintf(stderr, "%s\n", e.text);
    return 1;
  }
  const GPtrArray *entries = registry_entries(r), *refusals = registry_refusals(r);
  for (guint i = 0; i < entries->len; i++) {
    const registry_entry *entry = entries->pdata[i];
    printf("%s/%s %s\n", entry->kind, entry->name, entry->path);
  }
  for (guint i = 0; i < refusals->len; i++) {
    const registry_refusal *refusal = refusals->pdata[i];
    printf("refused: %s\n", refusal->why);
  }
  const plugin_stage *stage = NULL;
  const char *use = g_getenv("CLIO_TEST_LOAD");
  if (use && registry_load(r, use, &stage, &e) != CLIO_OK) printf("not loaded: %s\n", e.text);
  if (stage) printf("loaded: %s, %u parameters\n", stage->s.name, stage->s.params.count);
  registry_free(r);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) return list_registry();
  error e = {0};
  GPtrArray *paths = g_ptr_array_new(), *results = NULL;
  for (int i = 2; i < argc; i++) g_ptr_array_add(paths, argv[i]);
  if (scan_files(paths, (int)g_ascii_strtoll(argv[1], NULL, 10), &results, &e) != CLIO_OK) {
    fprintf(stderr, "%s\n", e.text);
    g_ptr_array_free(paths, TRUE);
    return 1;
  }
  for (guint i = 0; i < results->len; i++) {
    const scan_result *result = results->pdata[i];
    printf("%s\n", result->refused ? result->refused : "good");
  }
  g_ptr_array_free(results, TRUE);
  g_ptr_array_free(paths, TRUE);
  return 0;
}
