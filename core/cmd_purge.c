/* cmd_purge.c - `clio purge OUT`: removes what a run keeps for the operator. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "json.h"
#include "money.h"
#include "outdir.h"
#include "text.h"
#include "util.h"

typedef struct purge_options {
  gboolean keep_ledger, yes, dry_run, json;
} purge_options;

static int fail(const error *e) {
  g_autofree char *clean = text_for_terminal(e->text, (int64_t)strlen(e->text));
  fprintf(stderr, "clio: %s\n", clean);
  return status_exit_code(e->status);
}

/* "12 s", "3 min", "2.5 h" */
static char *duration(double seconds) {
  if (seconds < 90) return g_strdup_printf("%.0f s", seconds < 1 ? 1 : seconds);
  if (seconds < 5400) return g_strdup_printf("%.0f min", seconds / 60);
  return g_strdup_printf("%.1f h", seconds / 3600);
}

/* "; it pays for no model", "; its models cost $1.20 for 3,000 tokens" */
static void say_models(const purge_options *o, outdir_cost cost) {
  g_autofree char *tokens = format_count(cost.tokens), *unpriced = format_count(cost.unpriced);
  g_autofree char *usd = money_format((int64_t)(cost.usd * 1e6 + 0.5));
  if (cost.tokens == 0)
    puts("; it pays for no model");
  else if (o->keep_ledger && cost.answers > 0)
    puts("; the answers of models stay, so it pays only for what is new");
  else if (cost.unpriced == cost.tokens)
    printf("; its models use %s tokens, whose price is not known\n", tokens);
  else if (cost.unpriced > 0)
    printf("; its models cost %s for %s tokens, not counting %s without a known price\n", usd,
           tokens, unpriced);
  else
    printf("; its models cost %s for %s tokens\n", usd, tokens);
}

/* What was found in private/ that no run has made. */
static void say_left(const GPtrArray *left) {
  if (left->len == 0) return;
  const char *first = left->pdata[0];
  g_autofree char *clean = text_for_terminal(first, (int64_t)strlen(first));
  if (left->len == 1)
    printf("left alone: %s, which no run has made\n", clean);
  else
    printf("left alone: %u files and folders that no run has made, such as %s\n", left->len, clean);
}

static void say(const char *out, const purge_options *o, outdir_size size, outdir_cost cost) {
  g_autofree char *clean = text_for_terminal(out, (int64_t)strlen(out));
  g_autofree char *bytes = g_format_size_full(size.bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *files = format_count((int64_t)size.files);
  bool kept = o->keep_ledger && cost.answers > 0;
  printf("%s %s in %s %s of %s/private%s\n", o->dry_run ? "would free" : "freed", bytes, files,
         size.files == 1 ? "file" : "files", clean, kept ? ", without the answers of models" : "");
  if (!cost.known) {
    printf("what a run costs is not known: there is no manifest");
    say_models(o, cost);
    return;
  }
  g_autofree char *time = duration(cost.seconds), *read = format_count(cost.conversations);
  printf("the same run again reads %s %s and takes about %s", read,
         cost.conversations == 1 ? "conversation" : "conversations", time);
  say_models(o, cost);
}

static void say_json(const char *out, const purge_options *o, outdir_size size, outdir_cost cost,
                     const GPtrArray *left) {
  json *j = json_new(true);
  json_object(j);
  json_put_string(j, "out", out);
  json_put_bool(j, "removed", !o->dry_run);
  json_put_bool(j, "ledger_kept", o->keep_ledger);
  json_put_int(j, "files", (int64_t)size.files);
  json_put_int(j, "bytes", (int64_t)size.bytes);
  json_put_int(j, "answers", cost.answers);
  json_put_int(j, "left", left->len);
  json_key(j, "rerun");
  if (cost.known) {
    json_object(j);
    json_put_int(j, "conversations", cost.conversations);
    json_put_double(j, "seconds", cost.seconds);
    bool kept = o->keep_ledger && cost.answers > 0;
    json_put_int(j, "tokens", kept ? 0 : cost.tokens);
    json_put_int(j, "tokens_without_price", kept ? 0 : cost.unpriced);
    json_put_double(j, "usd", kept ? 0 : cost.usd);
    json_end(j);
  } else {
    json_null(j);
  }
  json_end(j);
  g_autofree char *text = json_take(j);
  fputs(text, stdout);
}

/* On a terminal a person is asked; a program must say --yes. */
static gboolean is_wanted(const char *out, const purge_options *o, outdir_size size,
                          outdir_cost cost) {
  if (o->yes || o->dry_run) return TRUE;
  if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
    fputs("clio: nothing was removed: there is no terminal to ask on; say --yes\n", stderr);
    return FALSE;
  }
  g_autofree char *clean = text_for_terminal(out, (int64_t)strlen(out));
  g_autofree char *bytes = g_format_size_full(size.bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *answers = format_count(cost.answers);
  if (cost.answers > 0 && !o->keep_ledger)
    fprintf(stderr,
            "%s answers of models are among it, which were paid for; --keep-ledger keeps "
            "them\n",
            answers);
  fprintf(stderr, "remove %s of %s/private? [y/N] ", bytes, clean);
  char answer[16] = "";
  if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y')) return TRUE;
  fputs("clio: nothing was removed\n", stderr);
  return FALSE;
}

static int purge_out(const char *out, const purge_options *o) {
  error e = {0};
  if (outdir_check(out, &e) != CLIO_OK) return fail(&e);
  outdir_size size = outdir_private(out, o->keep_ledger);
  outdir_cost cost = outdir_rerun(out);
  if (!is_wanted(out, o, size, cost)) return 2;
  g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
  if (!o->dry_run && outdir_purge(out, o->keep_ledger, left, &e) != CLIO_OK) return fail(&e);
  if (o->json) {
    say_json(out, o, size, cost, left);
  } else {
    say(out, o, size, cost);
    say_left(left);
  }
  return 0;
}

static int purge(int argc, char **argv) {
  purge_options o = {0};
  int code = command_parse(&command_purge, &argc, &argv, &o);
  return code >= 0 ? code : purge_out(argv[1], &o);
}

/* ---- its description ---- */

static const command_word words[] = {{"OUT", COMMAND_OUT, FALSE}, {NULL, 0, FALSE}};

static const command_option options[] = {
    {"keep-ledger", 0, COMMAND_FLAG, NULL, "keep the answers of models, which were paid for",
     offsetof(purge_options, keep_ledger)},
    {"yes", 'y', COMMAND_FLAG, NULL, "do not ask", offsetof(purge_options, yes)},
    {"dry-run", 'n', COMMAND_FLAG, NULL, "remove nothing, say what would be freed",
     offsetof(purge_options, dry_run)},
    {"json", 0, COMMAND_FLAG, NULL, "print what was freed as JSON", offsetof(purge_options, json)},
    {NULL, 0, 0, NULL, NULL, 0},
};

static const command_note examples[] = {
    {"clio purge results --dry-run", ""},
    {"clio purge results --yes --json | jq .bytes", ""},
    {NULL, NULL},
};

static const command_note exits[] = {
    {"0", "done"},
    {"2", "the command line is wrong, or nobody said yes"},
    {"74", "OUT is not the folder of a run, is in use, or cannot be removed"},
    {NULL, NULL},
};

static const command_note files[] = {
    {"OUT/private/", "what is removed: derived columns, the roll, the log, answers of models"},
    {"OUT/manifest.json", "read for what a re-run would cost; it stays, as releases do"},
    {".clio/", "beside OUT: never touched"},
    {NULL, NULL},
};

const command command_purge = {
    .name = "purge",
    .summary = "remove what a run keeps for the operator",
    .about =
        "Removes what runs wrote into OUT/private and what a crashed run left behind, and says "
        "what was freed and what the same run would cost again. Files in there that no run has "
        "made stay, and are named. The release, the manifest and the project's "
        ".clio/ stay. On a terminal it asks first; elsewhere it wants --yes.",
    .words = words,
    .options = options,
    .examples = examples,
    .exits = exits,
    .files = files,
    .run = purge,
};
