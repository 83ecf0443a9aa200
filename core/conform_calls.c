/* conform_calls.c - the check 'calls': which functions of the system a plugin has linked in that
 * a stage has no use for, read off the symbols its file leaves undefined. What such a function
 * would do there, each run on its own, a plain run need not show. */
#include "clio-build.h"

#include <string.h>

#include "conform_parts.h"
#include "imports.h"

/* One thing a stage does not do itself: the functions that do it; a word that ends with '*'
 * stands for all that begin so. */
typedef struct forbidden {
  const char *what, *cure;
  uint64_t allowed; /* by any of these capabilities */
  const char *const *functions;
} forbidden;

#define WORDS(...) \
  (const char *const[]) { __VA_ARGS__, NULL }

static const forbidden forbidden_calls[] = {
    {"reads the clock or the time zone",
     "a result may not depend on when it is made; when a conversation began is its column 'time'",
     CLIO_CAP_NONDETERMINISTIC,
     WORDS("time", "clock", "gettimeofday", "clock_gettime", "timespec_get", "times", "localtime",
           "localtime_r", "mktime", "tzset", "_ZNSt6chrono*")},
    {"opens files",
     "take bytes as a parameter (CLIO_TEXT, CLIO_INPUT) or through clio.asset/1, and write through "
     "clio.output/1",
     0,
     WORDS("fopen", "fopen64", "freopen", "freopen64", "fdopen", "open", "open64", "openat",
           "openat64", "__open_2", "__open64_2", "creat", "creat64", "opendir", "tmpfile",
           "tmpfile64", "mkstemp", "mkstemp64", "mkdtemp", "unlink", "remove", "rename", "mkdir",
           "rmdir", "dlopen", "_ZNSt14basic_ifstream*", "_ZNSt14basic_ofstream*",
           "_ZNSt13basic_fstream*", "_ZNSt13basic_filebuf*")},
    {"opens sockets",
     "ask a model through clio.llm/1; a model plugin only builds requests, and the host sends them",
     CLIO_CAP_NETWORK,
     WORDS("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "getaddrinfo",
           "gethostbyname", "curl_easy_init", "curl_multi_init", "SSL_new")},
    {"starts programs", "make it a function of the stage", CLIO_CAP_EXEC,
     WORDS("fork", "vfork", "system", "popen", "posix_spawn", "posix_spawnp", "execl", "execlp",
           "execle", "execv", "execvp", "execve", "execvpe")},
    {"starts threads",
     "give clio.parallel/1 the loop: it runs on the host's threads, as many as --threads says", 0,
     WORDS("pthread_create", "thrd_create", "GOMP_parallel", "_ZNSt6thread*")},
    {"prints", "say it with host->log(), or write a report through clio.output/1", 0,
     WORDS("printf", "vprintf", "puts", "putchar", "perror", "__printf_chk", "__vprintf_chk",
           "stdout", "stderr", "psignal", "_ZSt4cout", "_ZSt4cerr", "_ZSt4clog")},
    {"can end the process", "return host->fail() with a sentence", 0,
     WORDS("exit", "_exit", "_Exit", "quick_exit", "raise", "kill", "err", "errx", "error")},
    {"reads the environment",
     "make it a parameter of the stage; a key is the model's, and the host puts it in", 0,
     WORDS("getenv", "secure_getenv", "__secure_getenv", "setenv", "putenv", "environ",
           "__environ")},
    {"draws random numbers of its own",
     "call host->random(call, key), which gives the same for the same seed, stage and key",
     CLIO_CAP_NONDETERMINISTIC,
     WORDS("rand", "srand", "random", "srandom", "initstate", "drand48", "lrand48", "mrand48",
           "srand48", "getrandom", "getentropy", "arc4random", "arc4random_uniform",
           "_ZNSt13random_device*")},
    {"changes what belongs to the whole process",
     "leave locale, folder, signals and limits as they are; others are at work beside it", 0,
     WORDS("setlocale", "chdir", "fchdir", "umask", "setrlimit", "setrlimit64", "signal",
           "sigaction", "atexit", "on_exit", "alarm", "setitimer")},
};

static bool is_word(const char *name, const char *word) {
  size_t n = strlen(word);
  if (word[n - 1] == '*') return strncmp(name, word, n - 1) == 0;
  return strcmp(name, word) == 0;
}

/* The first of `names` that does this; NULL: none. */
static const char *find_call(const GPtrArray *names, const forbidden *f) {
  for (guint i = 0; i < names->len; i++)
    for (const char *const *word = f->functions; *word; word++)
      if (is_word(names->pdata[i], *word)) return names->pdata[i];
  return NULL;
}

/* The cures of all that was found, one behind the other; lives as long as this process, which
 * makes the checks of one plugin. */
static const char *keep_cures(GString *take_cures) {
  static GString *kept;
  if (kept) g_string_free(kept, TRUE);
  kept = take_cures;
  return kept->str;
}

void conform_check_calls(conform_subject *s, conform_verdict *v) {
  g_autoptr(GPtrArray) names = imports_of(s->ps->owner->path);
  const char *runtime = imports_runtime(s->ps->owner->path);
  g_autoptr(GString) said = g_string_new(NULL);
  GString *cures = g_string_new(NULL);
  uint32_t found = 0;
  for (size_t i = 0; !runtime && i < G_N_ELEMENTS(forbidden_calls); i++) {
    const forbidden *f = &forbidden_calls[i];
    const char *name = s->ps->s.caps & f->allowed ? NULL : find_call(names, f);
    if (!name) continue;
    g_string_append_printf(said, "%sit %s (%s)", found ? "; " : "", f->what, name);
    g_string_append_printf(cures, "%s%s%s%s", found ? "; " : "", found ? name : "",
                           found ? ": " : "", f->cure);
    found++;
  }
  if (runtime)
    conform_say(v, CONFORM_SKIPPED, NULL,
                "it carries the runtime of %s, whose own calls cannot be told from the stage's",
                runtime);
  else if (found)
    conform_say(v, CONFORM_FAILED, keep_cures(cures), "%s", said->str);
  else
    conform_say(v, CONFORM_OK, NULL,
                "no clock, file, socket, thread, chance, print or exit of its own");
  if (!found) g_string_free(cures, TRUE);
}
