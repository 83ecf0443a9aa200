#!/bin/sh
# wire_kill.sh - a run of 5,000 conversations that asks a model of the fault server, killed with -9 at random
# moments and begun again: the same release, each question answered once in the ledger, and no more asked
# twice than was in flight when it was killed. CLIO_WIRE_KILLS: how many kills (3); CLIO_KILL_SEED: which.
. "$CLIO_SRC/tests/e2e/lib.sh"
. "$CLIO_SRC/tests/e2e/wire_lib.sh"
command -v python3 >/dev/null || {
  echo 'skipped: no python3'
  exit 77
}
kills=${CLIO_WIRE_KILLS:-3}
in_flight=4
texts=32 # of one request
moments=$(python3 -c 'import random, sys; r = random.Random(int(sys.argv[2])); print(*["%.3f" % r.random() for _ in range(int(sys.argv[1]))])' \
  "$kills" "${CLIO_KILL_SEED:-1}")
now() { date +%s%3N; }

start_server --latency 60 --fault 500=0.03 --fault 429_ms=0.03
graph "in_flight: $in_flight, attempts: 50" -e 's/conversations: 1200/conversations: 5000/'
began=$(now)
clio run "$work/graph.yaml" -o "$work/plain"
took=$(($(now) - began))
want_code 0 'a run that is left alone'
contents=$(tally .contents)
[ "$contents" -gt 500 ] || fail "only $contents questions"
[ "$(tally .answered_again)" = 0 ] || fail 'a question was asked twice without any kill'

answers() { # in the ledger of $1, and how many keys
  python3 -c 'import sqlite3, sys
print(*sqlite3.connect(sys.argv[1]).execute("SELECT count(*), count(DISTINCT key) FROM answers").fetchone())' "$1/private/ledger.db"
}
# check OUT KILLS: a run that came to its end after so many kills
check() {
  cmp -s "$work/plain/release/clusters.json" "$1/release/clusters.json" || fail "after $2 kills the release differs"
  [ "$(answers "$1")" = "$contents $contents" ] || fail "after $2 kills the ledger has $(answers "$1") answers and keys, not $contents"
  again=$(tally .answered_again)
  [ "$again" -le $(($2 * in_flight * texts)) ] || fail "after $2 kills $again answers were paid for twice, more than were in flight"
  echo "$2 kills: the same release, $contents answers, $again of them twice"
}

# strike MILLISECONDS: begins, or goes on, and is killed; $met counts the kills that met a run
met=0
strike() {
  "$CLIO" run "$work/graph.yaml" -o "$work/trial" >/dev/null 2>"$work/err" &
  run=$!
  sleep "$(python3 -c 'import sys; print(float(sys.argv[1]) / 1000)' "$1")"
  kill -9 "$run" 2>/dev/null && met=$((met + 1))
  wait "$run" 2>/dev/null
}
total=0
for moment in $moments; do
  reset
  met=0
  at=$(python3 -c 'import sys; print(int(float(sys.argv[1]) * int(sys.argv[2])))' "$moment" "$took")
  strike "$at"
  case $at in *[05]) strike $((at / 2)) ;; esac
  clio run "$work/graph.yaml" -o "$work/trial"
  want_code 0 "after a kill at $at ms"
  check "$work/trial" "$met"
  total=$((total + met))
  rm -rf "$work/trial"
  [ "$total" -lt "$kills" ] || break
done
echo "$total kills of a run of $took ms"
[ "$total" -ge $((kills / 2)) ] || fail "only $total of $kills kills met a run"
finish
