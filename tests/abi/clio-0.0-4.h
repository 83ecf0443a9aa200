/* clio.h - the only header a stage plugin includes. ABI major 0 until frozen.
 *
 * RULES    Within a major, structs grow at the end only and are read through
 *          struct_size; nothing is reordered, retyped or removed. List heads
 *          and clio_strlist never grow. Strings are UTF-8, NUL-ended; those in
 *          descriptors are static. Enumerated values are (u)int32, never enum.
 * MEMORY   The side that allocated frees. What the host returns in a call
 *          lives until that call returns; keep a table longer with ref().
 * THREADS  Tags: [main] host's main thread, never concurrent; [call] only the
 *          thread running this call; [any] thread-safe.
 * PRIVACY  Every column has a class. A plugin proposes; only the core makes
 *          anything RELEASED. A plugin opens no file and no socket, starts no
 *          lasting thread, never prints, never exits. */
#ifndef CLIO_H
#define CLIO_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define CLIO_MAGIC 0x4F494C43u /* "CLIO" in little-endian memory */
#define CLIO_ABI_MAJOR 0       /* part of the exported symbol's name */
#ifndef CLIO_ABI_MINOR         /* lowest minor this plugin needs; what came */
#define CLIO_ABI_MINOR 0       /* later stays hidden */
#endif
#define CLIO_EXPORT __attribute__((visibility("default")))
#ifdef CLIO_STATIC /* linked into a test or a fuzzer */
#define CLIO_PLUGIN_DEFINE(id) const clio_plugin clio_plugin_v0_##id
#elif defined(__cplusplus) /* g++ wants the attribute on the declaration alone */
#define CLIO_PLUGIN_DEFINE(id) const clio_plugin clio_plugin_v0
#else
#define CLIO_PLUGIN_DEFINE(id) CLIO_EXPORT const clio_plugin clio_plugin_v0
#endif

/* 0 is success; everything else is negative and names the kind of failure. */
typedef int32_t clio_status;
enum {
  CLIO_OK = 0,
  CLIO_E_CONFIG = -1,      /* the graph asks for something impossible */
  CLIO_E_INPUT = -2,       /* bad data */
  CLIO_E_IO = -3,          /* reading or writing failed */
  CLIO_E_NOMEM = -4,       /* out of memory, or past --max-memory */
  CLIO_E_CANCELLED = -5,   /* the run is being stopped; return at once */
  CLIO_E_PRIVACY = -6,     /* a privacy rule forbids it */
  CLIO_E_UNSUPPORTED = -7, /* this host or build cannot do it */
  CLIO_E_INTERNAL = -8     /* a broken rule of this ABI, or a bug */
};
enum { CLIO_LOG_ERROR = 0, CLIO_LOG_WARN, CLIO_LOG_INFO, CLIO_LOG_DEBUG };

/* ---- columns and ports ---- */

/* Cell types. BOOL: one byte, 0 or 1. TIME: int64 microseconds, UTC. VEC: dim
 * floats, always finite. LIST: a list of UTF-8 strings. Any cell may be null. */
typedef uint32_t clio_type;
enum {
  CLIO_T_ANY = 0,
  CLIO_T_I64,
  CLIO_T_F64,
  CLIO_T_UTF8,
  CLIO_T_VEC,
  CLIO_T_LIST,
  CLIO_T_BOOL,
  CLIO_T_TIME
};

/* Privacy classes, most restricted first. RAW: conversation text and ids.
 * DERIVED: one value per conversation. GROUPED: one per cluster or cell, not
 * cleared. RELEASED: cleared by the gate. INHERIT, in a declared output: the
 * most restricted class among the columns the stage reads. RAW to DERIVED
 * needs CLIO_CAP_DECLASSIFY and the graph's privacy.declassify. */
typedef uint32_t clio_privacy;
enum { CLIO_P_INHERIT = 0, CLIO_P_RAW, CLIO_P_DERIVED, CLIO_P_GROUPED, CLIO_P_RELEASED };

/* What one row of a table is. An edge of the graph carries a bundle, at most
 * one table per kind; a port names its kind and the host matches by it. RUN
 * is one row about the release (after the gate only). */
typedef uint32_t clio_row_kind;
enum {
  CLIO_ROWS_NONE = 0,
  CLIO_ROWS_BLOCK,
  CLIO_ROWS_CONVERSATION,
  CLIO_ROWS_CLUSTER,
  CLIO_ROWS_CELL,
  CLIO_ROWS_TEXT,
  CLIO_ROWS_FINDING,
  CLIO_ROWS_SCORE,
  CLIO_ROWS_RUN
};

enum {
  CLIO_COL_OPTIONAL = 1u << 0,  /* in: may be absent from the table */
  CLIO_COL_NULLABLE = 1u << 1,  /* may hold null */
  CLIO_COL_FACET = 1u << 2,     /* out: may be published as a breakdown */
  CLIO_COL_SENSITIVE = 1u << 3, /* out: the gate also hides 'all of them' */
  CLIO_COL_AUDIT = 1u << 4      /* out: kept in private/, never released */
};
enum {
  CLIO_PORT_OPTIONAL = 1u << 0, /* in: may be unconnected */
  CLIO_PORT_WHOLE = 1u << 1,    /* in: one process() with every row */
  CLIO_PORT_PASS = 1u << 2      /* out: the input's columns flow on */
};

/* One column, declared or planned. */
typedef struct clio_column {
  const char *name, *help;
  clio_type type;
  clio_privacy privacy;
  uint32_t dim, flags;        /* dim 0: decided in plan() */
  const char *of;             /* the column it was made from, or NULL: a vector's text
                                 column, a membership column's text column */
  const char *const *choices; /* closed set of values, NULL-ended, or NULL;
                                 the host refuses any other value at emit */
} clio_column;
typedef struct clio_columns {
  const clio_column *items;
  uint32_t count, item_size;
} clio_columns;

/* One input or output of a stage. For an input, `columns` are those the stage
 * reads under fixed names; columns whose names come from parameters are
 * declared with CLIO_PARAM_COLUMN or plan_use(). Only what a stage declares is
 * sure to be there. For an output, `columns` are those it adds. */
typedef struct clio_port {
  const char *name, *help;
  clio_columns columns;
  uint32_t flags;
  clio_row_kind rows;
} clio_port;
typedef struct clio_ports {
  const clio_port *items;
  uint32_t count, item_size;
} clio_ports;

/* ---- parameters: declared once; parsed, checked, printed by the core ---- */

typedef struct clio_strlist {
  const char *const *items;
  uint64_t count;
} clio_strlist;

/* Parameter types and the C type of the config field each fills. */
typedef uint32_t clio_ptype;
enum {
  CLIO_PT_BOOL = 1, /* int32_t, 0 or 1 */
  CLIO_PT_INT,      /* int64_t */
  CLIO_PT_FLOAT,    /* double */
  CLIO_PT_STRING,   /* const char *, and so on down to SECRET */
  CLIO_PT_ENUM,
  CLIO_PT_TEXT,    /* a prompt or a list, inline or "@file" */
  CLIO_PT_PATH,    /* a file's path */
  CLIO_PT_SECRET,  /* name of an environment variable; value never printed */
  CLIO_PT_STRLIST, /* clio_strlist; a single string is a list of one */
  CLIO_PT_AUTO     /* int64_t; an integer, or the word "auto" = -1 */
};
enum {
  CLIO_PARAM_ADVANCED = 1u << 0,
  CLIO_PARAM_DEPRECATED = 1u << 1,
  CLIO_PARAM_NO_CACHE_KEY = 1u << 2, /* cannot change the stage's result */
  CLIO_PARAM_INPUT = 1u << 3,        /* PATH: the core opens it and cuts blocks */
  CLIO_PARAM_COLUMN = 1u << 4,       /* names columns of the conversations input */
  CLIO_PARAM_MODEL = 1u << 5,        /* names a role of the graph's models */
  /* With INPUT: the file is one JSON list, and a block holds whole items of it,
   * one on each line, instead of whole lines. A list of any size streams. */
  CLIO_PARAM_ITEMS = 1u << 6,
  /* INT: a limit that the core keeps while it reads the INPUT, by its name:
   * max_record (MiB of a line or item; longer ones are counted bad),
   * max_unpacked (GiB of a compressed file), max_ratio (of its sizes). */
  CLIO_PARAM_LIMIT = 1u << 7,
  CLIO_PARAM_EMBED = 1u << 8 /* with MODEL: the role is asked for vectors */
};
typedef struct clio_param {
  const char *name, *help, *unit;
  const char *def;            /* JSON text; NULL = must be given */
  const char *const *choices; /* ENUM: NULL-ended. INPUT: patterns of the files that
                                 are taken out of a zip archive or a folder; NULL:
                                 the core opens neither */
  double min, max;            /* INT, FLOAT, AUTO: inclusive */
  uint64_t offset;            /* of the field in the config struct */
  clio_ptype type;
  uint32_t flags;
} clio_param;
typedef struct clio_params {
  const clio_param *items;
  uint32_t count, item_size;
} clio_params;

#define CLIO_LIST(a) \
  { (a), (uint32_t)(sizeof(a) / sizeof((a)[0])), (uint32_t)sizeof((a)[0]) }
#ifdef __cplusplus
#define CLIO_AT(S, f, T) offsetof(S, f)
#else /* a field of the wrong type is a compile error that names it */
#define CLIO_AT(S, f, T) \
  (offsetof(S, f) + 0 * sizeof(struct { \
                      int unused; \
                      _Static_assert(_Generic(((S *)0)->f, T : 1, default : 0), #f ": want " #T); \
                    }))
#endif
#define CLIO_PARAM_(S, f, T, pt, d, lo, hi, ch, fl, h) \
  { \
    .name = #f, .help = (h), .def = (d), .choices = (ch), .min = (lo), .max = (hi), \
    .offset = CLIO_AT(S, f, T), .type = (pt), .flags = (fl) \
  }
#define CLIO_BOOL(S, f, d, h) CLIO_PARAM_(S, f, int32_t, CLIO_PT_BOOL, d, 0, 1, NULL, 0, h)
#define CLIO_INT(S, f, d, lo, hi, h) CLIO_PARAM_(S, f, int64_t, CLIO_PT_INT, d, lo, hi, NULL, 0, h)
#define CLIO_AUTO(S, f, d, lo, hi, h) \
  CLIO_PARAM_(S, f, int64_t, CLIO_PT_AUTO, d, lo, hi, NULL, 0, h)
#define CLIO_FLOAT(S, f, d, lo, hi, h) \
  CLIO_PARAM_(S, f, double, CLIO_PT_FLOAT, d, lo, hi, NULL, 0, h)
#define CLIO_STR(S, f, d, h) CLIO_PARAM_(S, f, const char *, CLIO_PT_STRING, d, 0, 0, NULL, 0, h)
#define CLIO_ENUM(S, f, d, ch, h) CLIO_PARAM_(S, f, const char *, CLIO_PT_ENUM, d, 0, 0, ch, 0, h)
#define CLIO_TEXT(S, f, d, h) CLIO_PARAM_(S, f, const char *, CLIO_PT_TEXT, d, 0, 0, NULL, 0, h)
#define CLIO_STRS(S, f, d, h) CLIO_PARAM_(S, f, clio_strlist, CLIO_PT_STRLIST, d, 0, 0, NULL, 0, h)
#define CLIO_COLUMN(S, f, d, h) \
  CLIO_PARAM_(S, f, const char *, CLIO_PT_STRING, d, 0, 0, NULL, CLIO_PARAM_COLUMN, h)
#define CLIO_COLUMNS(S, f, d, h) \
  CLIO_PARAM_(S, f, clio_strlist, CLIO_PT_STRLIST, d, 0, 0, NULL, CLIO_PARAM_COLUMN, h)
#define CLIO_MODEL(S, f, d, h) \
  CLIO_PARAM_(S, f, const char *, CLIO_PT_STRING, d, 0, 0, NULL, CLIO_PARAM_MODEL, h)
#define CLIO_EMBED_MODEL(S, f, d, h) \
  CLIO_PARAM_(S, f, const char *, CLIO_PT_STRING, d, 0, 0, NULL, \
              CLIO_PARAM_MODEL | CLIO_PARAM_EMBED, h)
#define CLIO_SECRET(S, f, d, h) CLIO_PARAM_(S, f, const char *, CLIO_PT_SECRET, d, 0, 0, NULL, 0, h)
#define CLIO_INPUT(S, f, h) \
  CLIO_PARAM_(S, f, const char *, CLIO_PT_PATH, NULL, 0, 0, NULL, CLIO_PARAM_INPUT, h)
#define CLIO_INPUT_ITEMS(S, f, patterns, h) \
  CLIO_PARAM_(S, f, const char *, CLIO_PT_PATH, NULL, 0, 0, patterns, \
              CLIO_PARAM_INPUT | CLIO_PARAM_ITEMS, h)
#define CLIO_LIMIT(S, f, d, lo, hi, h) \
  CLIO_PARAM_(S, f, int64_t, CLIO_PT_INT, d, lo, hi, NULL, CLIO_PARAM_LIMIT, h)

/* ---- what the host offers ---- */

typedef struct clio_call clio_call;       /* one call into a stage */
typedef struct clio_plan clio_plan;       /* schemas, before any data */
typedef struct clio_table clio_table;     /* immutable, refcounted rows */
typedef struct clio_builder clio_builder; /* a table being written */

/* One column's cells, in Arrow's layout, 64-byte aligned. */
typedef struct clio_view {
  clio_type type;
  uint32_t dim;
  uint64_t rows;
  const uint8_t *valid;   /* bit per row, LSB first; NULL: all */
  const int64_t *offsets; /* UTF8: rows + 1, into data; LIST: into items */
  const int64_t *items;   /* LIST: item offsets into data, one more than items */
  const void *data;       /* int64_t, double, float[dim], char, uint8_t */
} clio_view;

typedef struct clio_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  /* Messages for the operator. Never put conversation text into one. [any] */
  void (*log)(clio_call *, int32_t level, const char *msg);
  /* Work done out of total, in the stage's own units. [any] */
  void (*progress)(clio_call *, uint64_t done, uint64_t total);
  /* Not 0: the run is being stopped. Poll per row or block. [any] */
  int32_t (*cancelled)(clio_call *);
  /* Sets the call's error text and returns the status: return fail(...). [any] */
  clio_status (*fail)(clio_call *, clio_status, const char *msg);
  /* This row of the input could not be done, for this reason; the stage goes
   * on. A source over blocks counts lines of the block. CLIO_OK while the
   * graph's max_bad_rows is kept. `msg` never holds conversation text. [call] */
  clio_status (*fail_row)(clio_call *, uint64_t row, clio_status, const char *msg);
  /* Zeroed memory, 64-byte aligned, that dies with the call; NULL when there
   * is none: return CLIO_E_NOMEM. [any] */
  void *(*scratch)(clio_call *, uint64_t bytes);
  /* 64 random bits, a pure function of (run seed, stage id, key). [any] */
  uint64_t (*random)(clio_call *, uint64_t key);

  /* Schemas, only inside plan(). plan_input: the columns that reach this port;
   * NULL if it is unconnected. plan_use: this stage reads that column of that
   * input. plan_output: this stage adds that column (copied). plan_fail: as
   * fail(); a message that begins with a parameter's name and ':' is shown at
   * that parameter's place in the graph. [main] */
  const clio_columns *(*plan_input)(clio_plan *, uint32_t port);
  clio_status (*plan_use)(clio_plan *, uint32_t port, const char *column);
  clio_status (*plan_output)(clio_plan *, uint32_t port, const clio_column *);
  clio_status (*plan_fail)(clio_plan *, clio_status, const char *msg);

  /* Reading rows. find: column number or -1. view: fills *ret up to ret_size
   * bytes. ref, unref: keep a table past this call; unref takes NULL. [any] */
  uint64_t (*rows)(const clio_table *);
  int32_t (*find)(const clio_table *, const char *column);
  clio_status (*view)(const clio_table *, int32_t col, clio_view *ret, uint64_t ret_size);
  const clio_table *(*ref)(const clio_table *);
  void (*unref)(const clio_table *);

  /* Writing rows: start, add, data or put, emit. `base`: the input table whose
   * columns are shared, not copied; NULL starts a table of `rows` rows (for
   * conversations only a source may). `pick`: strictly increasing row numbers
   * of base to keep, `rows` of them; NULL keeps all, and `rows` must be base's.
   * Errors stick until emit, which names what was asked; a builder never
   * emitted dies with the call. All [call].
   * data: the zeroed cells of a fixed-width column (I64, F64, BOOL, TIME,
   * VEC), valid until emit. put: a UTF8 cell, rows in increasing order, a
   * skipped row is null; len < 0 makes a cell of any type null. item: appends
   * an item to a LIST cell, rows in increasing order; put(len = 0) makes an
   * empty list. emit: consumes the builder, even on error. */
  clio_builder *(*start)(clio_call *, uint32_t port, const clio_table *base, const uint64_t *pick,
                         uint64_t rows);
  int32_t (*add)(clio_builder *, const char *column, clio_type, uint32_t dim);
  void *(*data)(clio_builder *, int32_t col);
  clio_status (*put)(clio_builder *, int32_t col, uint64_t row, const char *utf8, int64_t len);
  clio_status (*item)(clio_builder *, int32_t col, uint64_t row, const char *utf8, int64_t len);
  clio_status (*emit)(clio_builder *);

  /* All else, by "name/revision"; NULL: this host does not offer it. [any] */
  const void *(*service)(clio_call *, const char *id);

  /* The columns that reach input `port`, exactly as plan_input() told them: a
   * stage that depends on a vector's `of` or on which columns are there asks
   * again at run time. NULL if it is unconnected. Lives as long as the stage,
   * at no matter which call. [any] */
  const clio_columns *(*input)(clio_call *, uint32_t port);
} clio_host;

/* ---- services ---- */

#define CLIO_PARALLEL_ID "clio.parallel/1"
typedef struct clio_parallel {
  uint32_t struct_size, reserved;
  /* fn(ctx, 0) ... fn(ctx, n - 1) on the pool, in any order, at once; the
   * first failure (lowest i) is returned. Nothing fn does may depend on the
   * order. One i is one block, by custom of 4,096 rows. [call] */
  clio_status (*each)(clio_call *, uint64_t n, clio_status (*fn)(void *ctx, uint64_t i), void *ctx);
  /* Sums values over all shares of a sharded run; alone it changes nothing.
   * Integers, so that the result does not depend on the order. [call] */
  clio_status (*sum)(clio_call *, int64_t *values, uint64_t n);
} clio_parallel;

#define CLIO_OUTPUT_ID "clio.output/1"
typedef struct clio_output {
  uint32_t struct_size, reserved;
  /* Files of the mode's folder. `name`: [a-z0-9._-], no folder. All files of a
   * run are committed together, or none. Reports and validators only. [call] */
  clio_status (*open)(clio_call *, const char *name, uint32_t *ret_file);
  clio_status (*write)(clio_call *, uint32_t file, const void *bytes, uint64_t len);
  clio_status (*close)(clio_call *, uint32_t file);
} clio_output;

/* Kinds of personal information that pii() finds. */
enum {
  CLIO_PII_EMAIL = 1,
  CLIO_PII_PHONE,
  CLIO_PII_CARD, /* passes Luhn */
  CLIO_PII_IBAN, /* passes mod 97 */
  CLIO_PII_IP,
  CLIO_PII_URL,
  CLIO_PII_HANDLE,  /* @name */
  CLIO_PII_KEY,     /* API keys, tokens, private keys */
  CLIO_PII_ID,      /* UUID, MAC, social-security-like numbers */
  CLIO_PII_ADDRESS, /* postal address */
  CLIO_PII_PERSON,  /* a person's name by its form or by title */
  CLIO_PII_ORG,     /* an organisation by its suffix */
  CLIO_PII_NUMBER   /* any other run of four or more digits */
};

/* Members of one node, for text rules: rows of a conversations table (that a
 * column-declaring stage was handed) and its text column. */
typedef struct clio_members {
  uint32_t struct_size;
  int32_t text_column;
  const clio_table *table;
  const uint64_t *rows;
  uint64_t count;
} clio_members;

#define CLIO_TEXT_ID "clio.text/1"
typedef struct clio_text {
  uint32_t struct_size, reserved;
  /* The words of a text by ICU's rules for its script, as they stand (not
   * folded), in order; fn's failure stops and is returned. [any] */
  clio_status (*words)(clio_call *, const char *utf8, int64_t len,
                       clio_status (*fn)(void *ctx, const char *word, int64_t len), void *ctx);
  /* One word in the form the text rule counts: NFKC, case-folded, stemmed
   * where there is a stemmer for its script. [any] */
  clio_status (*fold)(clio_call *, const char *word, int64_t len, const char **ret,
                      int64_t *ret_len);
  /* The text with personal information replaced by [email], [phone] ... [any] */
  clio_status (*redact)(clio_call *, const char *utf8, int64_t len, const char **ret,
                        int64_t *ret_len);
  /* Personal information, left to right, not overlapping. [any] */
  clio_status (*pii)(clio_call *, const char *utf8, int64_t len,
                     clio_status (*fn)(void *ctx, uint32_t kind, int64_t start, int64_t end),
                     void *ctx);
  /* 64-bit simhash over folded words. [any] */
  uint64_t (*simhash)(clio_call *, const char *utf8, int64_t len);
  /* Would the gate's text rule pass `text` as a name (is_name) or description
   * of these members? *ret_reason: NULL if so, else a static sentence. For
   * stages that need every row; CLIO_E_UNSUPPORTED in others. [any] */
  clio_status (*rule)(clio_call *, const clio_members *, int32_t is_name, const char *utf8,
                      int64_t len, const char **ret_reason);
  /* Is this folded word on the frame list? [any] */
  int32_t (*frame)(clio_call *, const char *folded, int64_t len);
} clio_text;

#define CLIO_POLICY_ID "clio.policy/1"
/* The graph's privacy section, for stages that plan around it. Read only; the
 * gate does not depend on whether a stage kept to it. */
typedef struct clio_policy {
  uint32_t struct_size, reserved;
  int64_t cluster_accounts, cluster_conversations, cluster_organizations;
  int64_t cell_accounts, cell_conversations, cell_organizations;
  int64_t word_accounts, account_cap, audit_floor, round_to;
  const char *mode; /* "release", "public" or "restricted" */
} clio_policy;

#define CLIO_ASSET_ID "clio.asset/1"
/* Bundled data files: a model's weights, a table. Not for what a user gives. */
typedef struct clio_asset {
  uint32_t struct_size, reserved;
  /* The bytes of a file below the host's data folder, read-only, 64-byte aligned,
   * valid until destroy() has returned. `name` is one of the stage's own `assets`.
   * Fails the call when it is not installed. The content is foreign: check it
   * before use. [any] */
  clio_status (*map)(clio_call *, const char *name, const void **ret_bytes, uint64_t *ret_len);
} clio_asset;

/* ---- what the plugin offers ---- */

enum {
  CLIO_SERIAL = 0,   /* one call at a time per instance, batches in order */
  CLIO_PARALLEL = 1, /* process() is reentrant, self is const in it */
  CLIO_EXCLUSIVE = 2 /* nothing else runs meanwhile */
};
enum {
  CLIO_CAP_LLM = 1u << 0,
  CLIO_CAP_NETWORK = 1u << 1,          /* opens sockets; refused by default */
  CLIO_CAP_NONDETERMINISTIC = 1u << 2, /* its results are not repeatable */
  CLIO_CAP_DECLASSIFY = 1u << 3,       /* may make DERIVED of RAW, if granted */
  CLIO_CAP_EXEC = 1u << 4,             /* starts programs; refused by default */
  CLIO_CAP_SHARDED = 1u << 5           /* may run on every rank, with its share */
};

/* A data file without which the stage cannot work. A graph's `use` list passes
 * over a stage of which one is not installed; its hash is part of what the
 * stage's results depend on. */
typedef struct clio_asset_file {
  const char *name;             /* "models/x.bin": plain names below the data folder */
  const char *help;             /* what it is, one line */
  const char *origin, *license; /* where it comes from, and on what terms */
  const char *cure;             /* how to get it, a sentence for messages */
} clio_asset_file;
typedef struct clio_asset_files {
  const clio_asset_file *items;
  uint32_t count, item_size;
} clio_asset_files;

/* One stage. Lifecycle: plan, create, process for every input, finish, destroy. */
typedef struct clio_stage {
  uint32_t struct_size, threads;
  uint64_t caps;
  const char *kind, *name;    /* "embedder", "lsa": the graph says embedder/lsa */
  const char *summary, *help; /* one line; a paragraph or more for inspect */
  clio_ports inputs, outputs;
  clio_params params;
  uint64_t config_size; /* the host fills a zeroed one and keeps it to destroy */
  /* Pure: adds to the declared columns, checks; no I/O. NULL: as declared. [main] */
  clio_status (*plan)(const clio_host *, clio_plan *, const void *config);
  /* May set *ret_self to memory of its own; host stays valid to destroy. [main] */
  clio_status (*create)(const clio_host *, clio_call *, const void *config, void **ret_self);
  /* One batch, or one whole table, of input `port`. [call] */
  clio_status (*process)(void *self, clio_call *, uint32_t port, const clio_table *in);
  /* Inputs have ended; a source without blocks does its work here. [call] */
  clio_status (*finish)(void *self, clio_call *);
  /* Takes NULL and half-made. [main] */
  void (*destroy)(void *self);
  clio_asset_files assets; /* what clio.asset/1 will be asked for */
} clio_stage;

/* ---- language models ---- */

/* How a question to a model ended. Stages see the first five; the rest is between
 * a model plugin and the host, which asks again, adapts, or stops the run. */
enum {
  CLIO_OUT_OK = 0,
  CLIO_OUT_REFUSAL,   /* the model declined: counted, shown, never asked again */
  CLIO_OUT_LENGTH,    /* the answer was cut at max_tokens; its text is what there is */
  CLIO_OUT_FILTERED,  /* the provider's filter withheld the question or the answer */
  CLIO_OUT_INVALID,   /* no answer of the wanted form, after repairs; or every attempt failed.
                         From parse(): this question will never be answered, so it is not
                         asked again (of several texts each is asked alone, once) */
  CLIO_OUT_TRANSIENT, /* a fault that may pass: worth another attempt */
  CLIO_OUT_ADAPT,     /* the provider does not know a part of the request: leave out `without` */
  CLIO_OUT_SPENT,     /* the provider's spend limit or quota is reached: the run stops */
  CLIO_OUT_FATAL      /* no request of this role will be answered: a wrong key, no such model */
};

/* One question. The first part is the stage's to fill, and is the whole of what an
 * answer may depend on: the host keeps every answer under a hash of it. `prompt` is
 * the user's turn; its first `shared` bytes are the same in several jobs (a
 * conversation about which several things are asked), so that a provider's prompt
 * cache pays; 0: nothing is. `prefill`: how the answer must begin; models that
 * cannot be told so get it in words; not together with a schema. `schema`: a JSON
 * Schema (objects with all properties required and no others, arrays, enums,
 * strings, integers, booleans, null in a union); the host hands on only answers
 * that satisfy it. */
typedef struct clio_llm_job {
  uint32_t struct_size;
  uint32_t max_tokens;          /* of the answer */
  const char *system, *prompt;  /* system: NULL or text */
  const char *prefill, *schema; /* NULL: none */
  uint64_t shared;
  double temperature; /* below 0: the model's own */
  /* Filled by the host; lives until the stage's call returns. */
  const char *text; /* NUL-ended; NULL without an answer. Starts with `prefill` */
  int64_t text_len;
  uint32_t outcome; /* CLIO_OUT_OK .. CLIO_OUT_INVALID */
  uint32_t reserved;
} clio_llm_job;

#define CLIO_LLM_ID "clio.llm/1"
/* Questions to the models of the graph. `role` is a name of its `models`, from a
 * parameter flagged CLIO_PARAM_MODEL. The host sends them as fast as the role's
 * limits allow, many at once, and returns when all are answered; a job that got no
 * answer says so in its outcome and is no failure of the call. What was asked
 * before is answered from the ledger. CLIO_E_CANCELLED when the run stops, for
 * whatever reason; return it. */
typedef struct clio_llm {
  uint32_t struct_size, reserved;
  /* jobs[i] at struct_size steps of the first. [call] */
  clio_status (*complete)(clio_call *, const char *role, clio_llm_job *jobs, uint64_t n);
  /* Vectors of `dim` floats of n texts, none empty, into ret[i * dim]; a text
   * that got none leaves zeros there. Fails where the model's vectors have
   * another length. [call] */
  clio_status (*embed)(clio_call *, const char *role, const char *const *texts, const int64_t *lens,
                       uint64_t n, float *ret, uint32_t dim);
} clio_llm;

/* What a model plugin is asked at once: one job, or several texts to embed. */
enum { CLIO_ASK_CHAT = 1u << 0, CLIO_ASK_EMBED = 1u << 1 };
typedef struct clio_ask {
  uint32_t struct_size, kind; /* one of CLIO_ASK_* */
  const clio_llm_job *job;    /* CHAT */
  const char *const *texts;   /* EMBED */
  const int64_t *lens;
  uint64_t count;
  uint32_t dim; /* EMBED: length of the wanted vectors */
  uint32_t reserved;
  uint64_t without; /* bits of `features` that this provider refused before */
} clio_ask;

/* An HTTP POST. Strings live in scratch memory of the call. */
typedef struct clio_request {
  uint32_t struct_size, reserved;
  const char *url;            /* whole; https, or http to this machine */
  const char *const *headers; /* "name: value", NULL-ended, without any secret */
  const char *key_header;     /* "authorization: Bearer ": the host adds the key; NULL: none */
  const char *body;
  uint64_t body_len;
  /* Upper bounds by the plugin's own reckoning, for limits, budget and plan. */
  int64_t in_tokens, out_tokens;
  /* The likely number of tokens of the question, and how many of them are a marked
   * beginning that the provider's cache may know from another question. */
  int64_t in_likely, in_shared;
} clio_request;

typedef struct clio_response {
  uint32_t struct_size, http_status;
  const char *const *headers; /* "name: value", names in small letters, NULL-ended */
  const char *body;           /* decoded, NUL-ended; foreign: check everything */
  uint64_t body_len;
} clio_response;

/* A provider's word about one of its limits; -1: it said nothing. `reset_ms` counts
 * from when the reply was written. Where question and answer share one limit of
 * tokens, it is told as that of IN_TOKENS. */
typedef struct clio_rate {
  int64_t limit, remaining, reset_ms;
} clio_rate;
enum { CLIO_RATE_REQUESTS, CLIO_RATE_IN_TOKENS, CLIO_RATE_OUT_TOKENS, CLIO_RATES };

typedef struct clio_reply {
  uint32_t struct_size, outcome;
  const char *text; /* CHAT: the answer, NUL-ended; it begins with the prefill, also where
                       the model only continued it. NULL: none */
  int64_t text_len;
  const float *vectors; /* EMBED: count x dim, in the order of the texts */
  uint32_t count, dim;
  /* What the provider counted. `in_tokens` is all of the question; the cached
   * parts are among them. Zero where it said nothing. */
  int64_t in_tokens, cached_tokens, cache_write_tokens, out_tokens;
  uint64_t without;   /* with CLIO_OUT_ADAPT: bits of `features` to leave out from now on */
  const char *why;    /* what the provider said was wrong; a static or scratch string
                         that repeats nothing of the question or the answer */
  const char *served; /* the model's name in the reply, or NULL */
  clio_rate rates[CLIO_RATES]; /* the host sets -1 before parse() */
} clio_reply;

/* A model backend: `model/NAME` in the graph's models. A wire model is `build` and
 * `parse`, pure functions: the host sends the request, with the key, within limits
 * and budget, again where that helps. A local model is `create`, `answer`,
 * `destroy`, and computes in process. One of the two. Its parameter flagged SECRET
 * names the key's environment variable; strings called `model` and `base_url` are the
 * model's name and address at the provider, for prices and for what people are shown. */
typedef struct clio_model {
  uint32_t struct_size, threads; /* answer(): CLIO_SERIAL or CLIO_PARALLEL */
  uint64_t caps;
  const char *name, *summary, *help;
  uint32_t asks;           /* CLIO_ASK_*: what it can be asked */
  uint32_t embeds_at_once; /* most texts of one ask; 0: 1 */
  clio_params params;
  uint64_t config_size;
  const char *const *features; /* parts of a request that some providers refuse,
                                  by name, NULL-ended, at most 64; or NULL */
  /* Checks the configuration; what fails is said with plan_fail. No I/O. NULL ok. [main] */
  clio_status (*plan)(const clio_host *, clio_plan *, const void *config);
  clio_status (*build)(const clio_host *, clio_call *, const void *config, const clio_ask *,
                       clio_request *ret); /* [call] */
  clio_status (*parse)(const clio_host *, clio_call *, const void *config, const clio_ask *,
                       const clio_response *, clio_reply *ret); /* [call] */
  clio_status (*create)(const clio_host *, clio_call *, const void *config,
                        void **ret_self);                                            /* [main] */
  clio_status (*answer)(void *self, clio_call *, const clio_ask *, clio_reply *ret); /* [call] */
  void (*destroy)(void *self);                                                       /* [main] */
  clio_asset_files assets;
} clio_model;

/* What a shared object exports: read before any of its code runs. */
typedef struct clio_plugin {
  uint32_t magic, struct_size; /* these four never move */
  uint16_t abi_major, abi_minor;
  uint32_t reserved;
  const char *id, *version, *license, *vendor, *url;
  const clio_stage *const *stages; /* pointers, NULL-ended; NULL: only models */
  const clio_model *const *models; /* likewise; NULL: none */
} clio_plugin;
#define CLIO_PLUGIN_INIT \
  .magic = CLIO_MAGIC, .struct_size = sizeof(clio_plugin), .abi_major = CLIO_ABI_MAJOR, \
  .abi_minor = CLIO_ABI_MINOR
#ifndef CLIO_STATIC
CLIO_EXPORT extern const clio_plugin clio_plugin_v0; /* the only symbol */
#endif
#ifdef __cplusplus
}
#endif
#endif /* CLIO_H */
