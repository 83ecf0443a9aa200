/* plugin_check.h - is a stage's descriptor sound? Apart from plugin.c, which
 * finds and copies it. */
#ifndef CLIO_CORE_PLUGIN_CHECK_H
#define CLIO_CORE_PLUGIN_CHECK_H
#include "plugin.h"

/* Are the lists of a stage, still in the plugin's own layout, of items this
 * host can step through? CLIO_E_UNSUPPORTED where not. */
clio_status plugin_check_lists(const clio_stage *s, error *e);
clio_status plugin_check_columns(const char *port, const clio_columns *columns, error *e);

/* Names, kinds, ports, columns, parameters, threads of a stage that has been
 * copied to the host's layout. CLIO_E_UNSUPPORTED names the first that is wrong. */
clio_status plugin_check_stage(const plugin_stage *ps, error *e);

/* The same of a model backend, its descriptor in ps->model. */
clio_status plugin_check_model(const plugin_stage *ps, error *e);

/* Does this list of choices, in foreign memory, end with NULL within bounds, each a short string
 * in UTF-8? NULL is no list, which is well. */
bool plugin_choices_end(const char *const *choices);

/* The kinds of stages there are, NULL-ended. */
extern const char *const plugin_kinds[];
#endif
