/* ledger_crash_test.c - what a dead process left open is unknown, not forgotten; what was
 * durable is there; rows that were changed are no answers; a full disk ends it with
 * everything before intact. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger_fixture.h"

/* ---- damage ---- */

static void change(const char *sql) {
  sqlite3 *db = NULL;
  g_autofree char *path = g_build_filename(folder, "private", "ledger.db", NULL);
  CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
  CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void test_damaged_rows(void) {
  static const char *const damages[] = {
      "UPDATE answers SET reply='answer X' WHERE id=1",
      "UPDATE answers SET outcome=1 WHERE id=1",
      "UPDATE answers SET reply=NULL WHERE id=1",
      "UPDATE answers SET reply=(SELECT reply FROM answers WHERE id=2) WHERE id=1",
      "UPDATE answers SET sum=(SELECT sum FROM answers WHERE id=2),"
      " reply=(SELECT reply FROM answers WHERE id=2) WHERE id=1",
      "UPDATE answers SET dim=2 WHERE id=1"};
  for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
    begin();
    ledger *l = opened(no_budget);
    answer(l, 1);
    answer(l, 2);
    closed(l);
    change(damages[i]);
    l = opened(no_budget);
    check_answer(l, 2);
    wait_for(l, answer(l, 1)); /* asked again, and kept */
    check_answer(l, 1);
    closed(l);
    end();
  }
}

static void refused(rng_key key, const char *why) {
  error e = {0};
  ledger *l = NULL;
  CU_ASSERT_EQUAL(ledger_open(folder, key, no_budget, &l, &e), CLIO_E_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(e.text, why));
}

static void test_refused(void) {
  begin();
  ledger *l = opened(no_budget);
  answer(l, 1);
  closed(l);
  refused((rng_key){7, 7}, "was written under another project key");
  change("PRAGMA user_version=9");
  refused(project, "was written by a newer clio (form 9, this one knows 1)");
  change("PRAGMA user_version=1");
  l = opened(no_budget);
  check_answer(l, 1);
  closed(l);
  g_autofree char *path = g_build_filename(folder, "private", "ledger.db", NULL);
  g_file_set_contents(path, "this is no database, but long enough to be looked at", -1, NULL);
  refused(project, "ledger.db");
  end();
}

/* ---- death ---- */

enum { QUESTIONS = 400, DEATHS = 30, ASKERS = 4 };

/* What a provider sees, told through a pipe: 's' and 'd' with the question. */
typedef struct asker {
  ledger *l;
  int pipe, first;
} asker;

static void tell(int fd, char what, int n) {
  int32_t message[2] = {what, n};
  ssize_t ignored = write(fd, message, sizeof message);
  (void)ignored;
}

static void ask_one(asker *a, int n) {
  ledger_key key = key_of(a->l, n);
  ledger_answer got;
  ledger_claimed how = ledger_claim(a->l, 0, &key, &got);
  ledger_answer_clear(&got);
  if (how != LEDGER_MINE) return;
  int64_t id;
  uint64_t ticket;
  if (ledger_reserve(a->l, 0, &key, 1, 100, 20, 120, &id, &ticket) != LEDGER_GO) _exit(5);
  tell(a->pipe, 's', n); /* it is sent at once, whatever the disk does */
  pay(a->l, id, 90, 10);
  g_autofree char *text = g_strdup_printf("answer %d", n);
  ledger_answer answered = {.text = text, .length = (int64_t)strlen(text)};
  if (ledger_wait(a->l, ledger_settle(a->l, &key, &answered), NULL) != CLIO_OK) _exit(74);
  tell(a->pipe, 'd', n);
}

static void *ask_part(void *data) {
  asker *a = data;
  for (int n = a->first; n < QUESTIONS; n += ASKERS) ask_one(a, n);
  return NULL;
}

static void ask_all(int fd) {
  ledger *l = NULL;
  if (ledger_open(folder, project, no_budget, &l, NULL) != CLIO_OK) _exit(1);
  ledger_add_role(l, "small", "test-1");
  asker askers[ASKERS];
  GThread *threads[ASKERS];
  for (int i = 0; i < ASKERS; i++) {
    askers[i] = (asker){.l = l, .pipe = fd, .first = i};
    threads[i] = g_thread_new("asks", ask_part, &askers[i]);
  }
  for (int i = 0; i < ASKERS; i++) g_thread_join(threads[i]);
  ledger_close(l, NULL);
  _exit(0);
}

/* Lets a child ask until it has told `messages` things, then kills it; what it told.
 * Returns its exit code, or -1. */
static int live_and_die(int messages, int *sent, bool *done) {
  int ends[2], status = 0;
  CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) ask_all(ends[1]);
  close(ends[1]);
  int32_t message[2];
  for (int i = 0; read(ends[0], message, sizeof message) == (ssize_t)sizeof message; i++) {
    if (i == messages) kill(child, SIGKILL);
    if (message[0] == 's') ++*sent;
    if (message[0] == 'd') done[message[1]] = true;
  }
  close(ends[0]);
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Whatever a provider counted lies between the two ends of the account, and what was
 * told to be done is there. */
static void check_after_death(int sent, const bool *done) {
  ledger *l = opened(no_budget);
  ledger_summary s;
  ledger_summarize(l, &s);
  CU_ASSERT_TRUE(s.account_low <= sent * 100);
  CU_ASSERT_TRUE(s.account_high >= sent * 100);
  CU_ASSERT_TRUE(s.account_high <= (sent + DEATHS * ASKERS) * 120);
  ledger_summary_clear(&s);
  for (int n = 0; n < QUESTIONS; n++)
    if (done[n]) check_answer(l, n);
  closed(l);
}

static void test_death(void) {
  begin();
  GRand *random = g_rand_new_with_seed(20261124);
  bool done[QUESTIONS] = {false};
  int sent = 0, deaths = 0, code = -1;
  while (code != 0 && deaths < 10 * DEATHS) {
    int messages =
        deaths < DEATHS ? g_rand_int_range(random, 0, 2 * QUESTIONS / DEATHS) : INT32_MAX;
    code = live_and_die(messages, &sent, done);
    CU_ASSERT_TRUE_FATAL(code == 0 || code == -1);
    check_after_death(sent, done);
    deaths++;
  }
  g_rand_free(random);
  CU_ASSERT_TRUE(deaths > DEATHS / 2);
  /* Each question was answered once, and asked twice only where a death came between. */
  ledger_worth w = ledger_worth_of(folder);
  CU_ASSERT_EQUAL(w.answers, QUESTIONS);
  CU_ASSERT_TRUE(sent >= QUESTIONS && sent <= QUESTIONS + deaths * ASKERS);
  end();
}

/* ---- a full disk ---- */

static void ask_until_full(int fd) {
  struct rlimit limit = {2000000, 2000000};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  ledger *l = NULL;
  error e = {0};
  if (ledger_open(folder, project, no_budget, &l, &e) != CLIO_OK) _exit(1);
  ledger_add_role(l, "small", "test-1");
  g_autofree char *text = g_strnfill(1000, 'x');
  for (int n = 0; n < 10000; n++) {
    ledger_key key = key_of(l, n);
    ledger_answer got, a = {.text = text, .length = 1000};
    int64_t id;
    uint64_t ticket;
    if (ledger_claim(l, 0, &key, &got) != LEDGER_MINE) _exit(2);
    if (ledger_reserve(l, 0, &key, 1, 10, 10, 20, &id, &ticket) == LEDGER_BROKEN) break;
    if (ledger_wait(l, ledger_settle(l, &key, &a), &e) == CLIO_OK) tell(fd, 'd', n);
  }
  bool ok = e.status == CLIO_E_IO && ledger_status(l, NULL) == CLIO_E_IO;
  ok = ok && strstr(e.text, "what was written before is kept");
  ledger_answer got;
  ledger_key key = key_of(l, 20000);
  ok = ok && ledger_claim(l, 0, &key, &got) == LEDGER_MINE;
  ok = ok && ledger_await(l, 0, &key, &got) == LEDGER_MINE;
  ok = ok && ledger_close(l, NULL) == CLIO_E_IO;
  _exit(ok ? status_exit_code(e.status) : 3);
}

static void test_full_disk(void) {
  begin();
  closed(opened(no_budget));
  int ends[2], status = 0, kept = 0;
  CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) ask_until_full(ends[1]);
  close(ends[1]);
  int32_t message[2];
  while (read(ends[0], message, sizeof message) == (ssize_t)sizeof message) kept++;
  close(ends[0]);
  waitpid(child, &status, 0);
  CU_ASSERT_TRUE(WIFEXITED(status));
  CU_ASSERT_EQUAL(WEXITSTATUS(status), 74);
  CU_ASSERT_TRUE(kept > 10);
  ledger *l = opened(no_budget);
  for (int n = 0; n < kept; n++) {
    ledger_key key = key_of(l, n);
    ledger_answer got;
    CU_ASSERT_EQUAL(ledger_claim(l, 0, &key, &got), LEDGER_ANSWERED);
    ledger_answer_clear(&got);
  }
  closed(l);
  end();
}

static const unit_test tests[] = {
    {"damaged rows are asked again", test_damaged_rows},
    {"another key, another form, another file", test_refused},
    {"killed at any moment", test_death},
    {"a full disk", test_full_disk},
};

int main(void) { return unit_main("ledger: crashes", tests, G_N_ELEMENTS(tests)); }
