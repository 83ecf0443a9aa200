/* asset.h - bundled data files that stages need (a model's weights): where they
 * lie, whether they are there, their hash, and a read-only mapping. What a file
 * holds is for the stage to check. */
#ifndef CLIO_CORE_ASSET_H
#define CLIO_CORE_ASSET_H
#include <stdbool.h>

#include "plugin.h"

/* One mapped file. Lives, mapped, until the process ends. */
typedef struct asset {
  char *name, *path;
  const void *bytes;
  uint64_t size;
  char sha256[65];
} asset;

/* Is `name` of plain parts ([a-z0-9._-], none starting with a dot) with single
 * slashes between? */
bool asset_is_name(const char *name);

/* Where the file of that name lies or would lie: data_dir()/NAME. New string. */
char *asset_path(const char *name);

/* Is there a regular file, not empty, of that name? Opens nothing. [any] */
bool asset_is_there(const char *name);

/* The file of that name: mapped and hashed at the first call, the same one
 * after it. CLIO_E_CONFIG for a name that is none, CLIO_E_IO otherwise. [any] */
clio_status asset_open(const char *name, const asset **ret, error *e);

/* The first of the stage's assets that is not there; NULL: it is ready. [any] */
const clio_asset_file *asset_missing(const plugin_stage *ps);

/* "its data file models/x.bin is missing; run ...": new string. */
char *asset_missing_text(const clio_asset_file *file);

/* What the stage's results depend on beside plugin and parameters: "NAME SHA256"
 * of each asset, one a line; "" when it has none. New string. Opens the files. */
clio_status asset_identity(const plugin_stage *ps, char **ret, error *e);
#endif
