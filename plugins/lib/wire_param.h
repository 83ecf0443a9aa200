/* wire_param.h - the parameters that every model behind HTTP has, for its table. S is the
 * config struct, whose fields have these names. */
#ifndef CLIO_LIB_WIRE_PARAM_H
#define CLIO_LIB_WIRE_PARAM_H
#include "clio.h"

#define WIRE_PARAM CLIO_PARAM_

#define WIRE_URL(S, def, help) CLIO_STR(S, base_url, def, help)

/* Where the key stands never changes an answer. */
#define WIRE_KEY(S, def) \
  WIRE_PARAM(S, key, const char *, CLIO_PT_SECRET, def, 0, 0, NULL, CLIO_PARAM_NO_CACHE_KEY, \
             "the environment variable that holds the key; null: the server wants none")

#define WIRE_THINKING(S, def, help) CLIO_INT(S, thinking_tokens, def, 0, 1 << 20, help)

#define WIRE_FACTOR(S, def) \
  WIRE_PARAM(S, token_factor, double, CLIO_PT_FLOAT, def, 0.25, 4, NULL, \
             CLIO_PARAM_ADVANCED | CLIO_PARAM_NO_CACHE_KEY, \
             "how many tokens the model makes of one by our estimate, for limits and plans")

#define WIRE_EXTRA(S) \
  WIRE_PARAM(S, extra, const char *, CLIO_PT_TEXT, "null", 0, 0, NULL, CLIO_PARAM_ADVANCED, \
             "more fields of each request, the text of a JSON object; they go before ours, and " \
             "null leaves one of ours out")

#define WIRE_HEADERS(S) \
  WIRE_PARAM(S, headers, clio_strlist, CLIO_PT_STRLIST, "[]", 0, 0, NULL, CLIO_PARAM_ADVANCED, \
             "more headers of each request, each \"name: value\"; never a secret")

/* Two parameters. */
#define WIRE_PROMPTS(S) \
  WIRE_PARAM(S, schema_prompt, const char *, CLIO_PT_TEXT, "\"@prompts/answer-form.txt\"", 0, 0, \
             NULL, CLIO_PARAM_ADVANCED, \
             "how an answer's form is told in words; {schema} stands for it"), \
      WIRE_PARAM(S, prefill_prompt, const char *, CLIO_PT_TEXT, "\"@prompts/answer-start.txt\"", \
                 0, 0, NULL, CLIO_PARAM_ADVANCED, \
                 "how an answer's beginning is told in words; {prefill} stands for it")
#endif
