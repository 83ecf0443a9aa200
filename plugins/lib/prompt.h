/* prompt.h - questions to models, put together: a text that grows, templates whose places
 * are filled in one pass, and fences around what was written by others. Foreign text goes
 * into a prompt through prompt_data, and stands between lines that bear a mark which occurs
 * nowhere in it, so that nothing in it can end its part of the prompt or open another.
 * Everything made lives in the call's scratch memory. */
#ifndef CLIO_LIB_PROMPT_H
#define CLIO_LIB_PROMPT_H
#include "clio_util.h"

/* ---- a text that grows ---- */

/* Failures stick and show in prompt_end. */
typedef struct prompt_text {
  const clio_host *host;
  clio_call *call;
  char *s; /* not NUL-ended before prompt_end */
  int64_t len, room;
  int failed;
} prompt_text;

/* An empty text. [any] */
prompt_text prompt_begin(const clio_host *host, clio_call *call);

/* Appends our own words, as they stand: words of the stage, or what prompt_end gave. [call] */
void prompt_put(prompt_text *t, clio_span words);
void prompt_say(prompt_text *t, const char *format, ...) CLIO_PRINTF(2, 3);

/* Appends foreign text: a '<' that could begin a tag becomes "&lt;"; control characters become
 * blanks; characters that nobody sees but a model reads (zero-width, bidi controls, tags) and
 * bytes that are no UTF-8 are left out. [call] */
void prompt_data(prompt_text *t, clio_span foreign);

/* The same on one line: runs of blanks and line ends become one blank. [call] */
void prompt_data_line(prompt_text *t, clio_span foreign);

/* Appends foreign text that goes into no prompt, an answer of a model: on one line and cleaned as
 * above, but with every '<' as it is, and "&lt;" read back. [call] */
void prompt_clean_line(prompt_text *t, clio_span foreign);

/* The whole text, NUL-ended behind its length; fails the call where there was no memory. To be
 * called after every prompt_begin. [call] */
clio_status prompt_end(prompt_text *t, clio_span *ret);

/* ---- fences ---- */

enum { PROMPT_MARK = 17 }; /* 16 hex digits and a NUL */

/* A mark for these texts: a pure function of the run's seed, the stage and all of the texts,
 * and not found in any of them; so the same question is the same in every run, and nobody can
 * write a text that holds its own mark. [call] */
clio_status prompt_mark(const clio_host *host, clio_call *call, const clio_span *texts, uint64_t n,
                        char ret[PROMPT_MARK]);

/* Appends "<kind-mark>", the text, "</kind-mark>", each on lines of their own. [call] */
void prompt_fence(prompt_text *t, const char *kind, const char *mark, clio_span inside);

/* How the help of a text column begins when the rest of it says what names of clusters of
 * such texts should be like: extractor/llm writes it, namers read it. */
#define PROMPT_NAMES "names: "

/* ---- templates ---- */

/* A template is a text with places: {{name}}, small letters and '_', blanks around it allowed.
 * Two opening braces that begin no place are an error. */
typedef struct prompt_place {
  const char *name;
  clio_span text;
} prompt_place;

/* In plan(): does the template have all of these places, and no other? `names` is NULL-ended; one
 * with '?' in front may be missing. Otherwise the plan fails at the parameter `param`, naming
 * the place and those there are. [main] */
clio_status prompt_check(const clio_host *host, clio_plan *plan, const char *param,
                         const char *template, const char *const *names);

/* Where the first place of that name begins, in bytes; the template's length where there is none:
 * what stands before it may be the same in several questions. [any] */
int64_t prompt_find(const char *template, const char *name);

/* Appends the template with its places filled. One pass: what is put in is never read for
 * places. A place that is not among `places` stays empty. [call] */
void prompt_render(prompt_text *t, const char *template, const prompt_place *places, uint64_t n);
#endif
