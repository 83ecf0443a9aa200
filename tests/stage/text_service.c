/* text_service.c - the core's clio.text/1 for stage tests; see text_service.h. */
#include "text_service.h"

#include <stdio.h>

#include "conform.h"

const clio_text *text_service(void) {
  error e = {0};
  const clio_text *text = conform_text(&e);
  if (!text) fprintf(stderr, "%s\n", e.text);
  return text;
}
