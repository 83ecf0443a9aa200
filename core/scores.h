/* scores.h - what validators measured, at the end of a run: as a table for people and
 * as JSON. A score is a row of `scores`: metric, slice, value, low, high, reference, n;
 * what a validator leaves out stays empty. */
#ifndef CLIO_CORE_SCORES_H
#define CLIO_CORE_SCORES_H
#include <stdio.h>

#include "json.h"
#include "run.h"

/* Prints the scores of each stage that made any. A metric of more than 40 parts (a
 * confusion matrix) is left to the reports. */
void scores_print(const run *r, FILE *to);

/* Adds "scores": [...] to the open object, where there are any. */
void scores_put(const run *r, json *j);
#endif
