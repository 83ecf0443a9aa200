/* param.h - one entry of a stage's parameter table, checked before anything is
 * parsed into it: type, place, range, choices, default. */
#ifndef CLIO_CORE_PARAM_H
#define CLIO_CORE_PARAM_H
#include <stdint.h>

#include "clio.h"
#include "error.h"

/* Bytes of the config field a parameter of this type fills; 0: no such type. */
uint64_t param_field_size(clio_ptype type);

/* "integer", "list of strings" ...: what a value of this type is called. */
const char *param_type_name(clio_ptype type);

/* CLIO_E_UNSUPPORTED, with `e` set, unless `p` (in the host's own layout) is
 * sound for a config struct of that size. */
clio_status param_check(const clio_param *p, uint64_t config_size, error *e);
#endif
