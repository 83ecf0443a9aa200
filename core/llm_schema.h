/* llm_schema.h - does a model's answer have the form that was asked for? */
#ifndef CLIO_CORE_LLM_SCHEMA_H
#define CLIO_CORE_LLM_SCHEMA_H
#include <stdbool.h>
#include <stdint.h>

enum { LLM_WHY_ROOM = 160 };

/* Checks an answer against a JSON Schema of the part that clio_llm_job names: type (one
 * or several), properties, required, additionalProperties: false, items, enum, minItems,
 * maxItems, minimum, maximum, maxLength (in characters). An answer in a Markdown fence, or with
 * words around one JSON value, is cut to the value: *ret_start and *ret_length say where it lies in
 * `text`. False: *ret_why is a sentence for the model, static or of `room`; it repeats nothing of
 * the answer. Bounded in depth. [any] */
bool llm_schema_check(const char *schema, const char *text, int64_t length, int64_t *ret_start,
                      int64_t *ret_length, char room[LLM_WHY_ROOM], const char **ret_why);
#endif
