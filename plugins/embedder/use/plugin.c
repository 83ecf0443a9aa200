/* plugin.c - the plugin's one exported symbol: embedder/use, embedder/blend, model/use. */
#include "use.h"

static const clio_stage *const use_stages[] = {&use_stage, &blend_stage, NULL};
static const clio_model *const use_models[] = {&use_model, NULL};
extern CLIO_PLUGIN_DEFINE(embedder_use);
CLIO_PLUGIN_DEFINE(embedder_use) = {
    CLIO_PLUGIN_INIT, .id = "clio.embedder.use", .version = "0.1.0",  .license = "Apache-2.0",
    .vendor = "Clio", .stages = use_stages,      .models = use_models};
