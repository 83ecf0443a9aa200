/* error.c - errors as text; see error.h. */
#include "error.h"

#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

clio_status error_set(error *e, clio_status status, const char *format, ...) {
  if (!e || e->status != CLIO_OK) return status;
  va_list args;
  va_start(args, format);
  vsnprintf(e->text, sizeof e->text, format, args);
  va_end(args);
  e->status = status;
  return status;
}

/* What to do about a failure of the system, where that can be known. */
static const char *cure_of(int code) {
  switch (code) {
  case ENOSPC:
  case EDQUOT: return "; make room, then run the same command again";
  case EROFS: return "; choose a folder on a disk that can be written";
  case EMFILE: return "; raise the limit of open files (ulimit -n)";
  default: return "";
  }
}

clio_status error_errno(error *e, clio_status status, int code, const char *format, ...) {
  if (!e || e->status != CLIO_OK) return status;
  va_list args;
  va_start(args, format);
  vsnprintf(e->text, sizeof e->text, format, args);
  va_end(args);
  size_t used = strlen(e->text);
  snprintf(e->text + used, sizeof e->text - used, ": %s%s", g_strerror(code), cure_of(code));
  e->status = status;
  return status;
}

void error_prefix(error *e, const char *format, ...) {
  if (!e || e->status == CLIO_OK) return;
  char old[sizeof e->text];
  memcpy(old, e->text, sizeof old);
  va_list args;
  va_start(args, format);
  vsnprintf(e->text, sizeof e->text, format, args);
  va_end(args);
  size_t used = strlen(e->text);
  snprintf(e->text + used, sizeof e->text - used, ": %s", old);
}

void error_clear(error *e) {
  e->status = CLIO_OK;
  e->text[0] = '\0';
}

const char *status_name(clio_status status) {
  switch (status) {
  case CLIO_OK: return "ok";
  case CLIO_E_CONFIG: return "config";
  case CLIO_E_INPUT: return "input";
  case CLIO_E_IO: return "io";
  case CLIO_E_NOMEM: return "out of memory";
  case CLIO_E_CANCELLED: return "cancelled";
  case CLIO_E_PRIVACY: return "privacy";
  case CLIO_E_UNSUPPORTED: return "unsupported";
  case STATUS_BUDGET: return "budget";
  case STATUS_PROVIDER: return "provider";
  default: return "internal";
  }
}

int status_exit_code(clio_status status) {
  switch (status) {
  case CLIO_OK: return 0;
  case CLIO_E_CONFIG: return 78;
  case CLIO_E_IO: return 74;
  case CLIO_E_PRIVACY: return 6;
  case CLIO_E_CANCELLED: return 130;
  case STATUS_BUDGET: return 5;
  case STATUS_PROVIDER: return 75;
  default: return 1;
  }
}
