/* evaluation.h - what the two files of report/evaluation share: the scores as read. */
#ifndef CLIO_REPORT_EVALUATION_H
#define CLIO_REPORT_EVALUATION_H
#include "clio.h"
#include "clio_util.h"
#include "released.h"

/* The table of scores, a view for each column. */
typedef struct measured {
  uint64_t rows;
  clio_view metric, slice, value, low, high, reference, n;
} measured;

/* Writes evaluation.html: the scores as tables, the confusion as a matrix. [call] */
clio_status evaluation_page(const clio_host *host, clio_call *call, const released_run *run,
                            const measured *m);
#endif
