/* conform.h - the parts of `clio conform`: rows to feed any stage with
 * (conform_rows.c), the checks (conform_checks.c and others, see conform_parts.h),
 * the process they run in (conform_child.c), the host's text service on the bench
 * (conform_text.c). The
 * stage runs on the SDK's bench, which holds it to the ABI more strictly than the
 * core and can make an allocation fail or a run be cancelled at a wanted point. */
#ifndef CLIO_CORE_CONFORM_H
#define CLIO_CORE_CONFORM_H
#include <glib.h>

#include "clio_test.h"
#include "plugin.h"

/* ---- rows ---- */

typedef enum conform_mood {
  CONFORM_PLAIN,   /* tidy data, no null */
  CONFORM_SPARSE,  /* every second cell that may be null is */
  CONFORM_NULLS,   /* every cell that may be null is */
  CONFORM_HOSTILE, /* texts that a person would not write */
} conform_mood;

/* What reaches a stage's input ports. */
typedef struct conform_rows {
  const plugin_stage *ps;
  const GPtrArray *columns; /* char*: names that parameters or the user gave */
  conform_mood mood;
  uint64_t rows, block_bytes; /* block_bytes: of a source's blocks of lines */
} conform_rows;

/* Fills every input port of `t`, a bench of rows->ps. */
void conform_fill(clio_test *t, const conform_rows *rows);

/* True where the core can give null in this column of an input port, whatever
 * the stage declares. */
bool conform_host_nulls(const plugin_stage *ps, const clio_port *port, const char *name);

/* The type that this column has in every input; CLIO_T_ANY where that is not known. */
clio_type conform_host_type(const clio_port *port, const char *name);

/* Of a bench that ran on plain rows: does nothing that the stage said, to the log, of its
 * failure or of rows, repeat a piece of their texts? */
bool conform_is_discreet(const clio_test *t);

/* The privacy class of a conversations column as conform_fill makes it. */
clio_privacy conform_class(const char *name);

/* Does it read what the gate released? */
bool conform_after_gate(const plugin_stage *ps);

/* Does it need every row? */
bool conform_is_whole(const plugin_stage *ps);

/* The names under which columns of texts, numbers and vectors are made. */
extern const char *const conform_names[];

/* ---- checks ---- */

typedef enum conform_outcome { CONFORM_OK, CONFORM_FAILED, CONFORM_SKIPPED } conform_outcome;

typedef struct conform_verdict {
  conform_outcome outcome;
  char text[768]; /* what was seen, or why not */
  const char *cure;
} conform_verdict;

/* A stage under test, and what its checks found out about how to run it. */
typedef struct conform_subject {
  const plugin_stage *ps;
  char **sets;        /* NAME=JSON of the user, NULL-ended; or NULL */
  GHashTable *params; /* char* -> JSON text: what parameters it is run with */
  GPtrArray *columns; /* char*: columns that those name */
  bool settled;       /* params are known to be taken by plan() */
  char *why_not;      /* or why none are */
} conform_subject;

/* `vital`: where it fails, those after it have nothing to say. */
typedef struct conform_check {
  const char *name;
  void (*run)(conform_subject *s, conform_verdict *v);
  bool vital;
} conform_check;

/* The checks of a stage, or of a model, in order; ended by one without a name. */
const conform_check *conform_checks(const plugin_stage *ps);

/* Checks are numbered for the parent: 1 + stage * this + place in its list. */
enum { CONFORM_STRIDE = 64 };

void conform_subject_init(conform_subject *s, const plugin_stage *ps, char **sets);
void conform_subject_clear(conform_subject *s);

/* ---- the report ---- */

/* One check as it is reported; `text` and `cure` may be NULL. */
typedef struct conform_found {
  char *stage, *check, *outcome, *text, *cure; /* outcome: ok failed skipped */
} conform_found;

typedef struct conform_report {
  const char *path;
  char *plugin, *version, *license; /* NULL: it could not be opened */
  GPtrArray *found;                 /* conform_found* */
} conform_report;

bool conform_has_failed(const conform_report *r);

/* One line a check, with the cure of those that failed. */
void conform_print(const conform_report *r);
char *conform_to_json(const conform_report *r);

/* ---- the process ---- */

/* Runs the checks of the plugin from number `first` on, in this process, and
 * writes a line of JSON to `fd` before and after each (see conform_child.c);
 * stage number `skip` is passed over, -1: none. Ends the process. */
_Noreturn void conform_child(const char *path, char **sets, int first, int skip, int fd);

/* The core's clio.text/1 for a bench; NULL, `e` filled, without word lists. */
const clio_text *conform_text(error *e);
#endif
