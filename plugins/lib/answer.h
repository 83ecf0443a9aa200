/* answer.h - what a model said, read with care: an object of JSON out of a job, its texts
 * made fit to be looked at. A model is foreign; nothing it says is believed. */
#ifndef CLIO_LIB_ANSWER_H
#define CLIO_LIB_ANSWER_H
#include "clio_util.h"
#include "json_strict.h"

/* The answer as an object; NULL: there is none (refused, cut, of another form), or no
 * memory. The caller's to put. [call] */
json_object *answer_object(const clio_llm_job *job);

/* A member of that type, or NULL; takes NULL. [any] */
json_object *answer_get(json_object *object, const char *key, json_type type);

/* A text member in scratch memory: cut to `most` bytes between characters, then on one
 * line and cleaned by prompt_clean_line. *ret is NULL where it is missing or empty. [call] */
clio_status answer_text(const clio_host *host, clio_call *call, json_object *object,
                        const char *key, size_t most, char **ret);

/* The same of any text. [call] */
clio_status answer_line(const clio_host *host, clio_call *call, clio_span text, size_t most,
                        char **ret);
#endif
