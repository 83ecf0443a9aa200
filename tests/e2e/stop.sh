#!/bin/sh
# stop.sh - Ctrl-C and SIGTERM end a run that the same command goes on with; a second one ends it at once; two
# runs do not write one OUT, and two that begin a project together agree on its key.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v jq >/dev/null || { echo "skipped: no jq"; exit 77; }
unset CLIO_PROJECT_KEY
demo=$CLIO_SRC/configs/demo.yaml
clio run "$demo" -o "$work/p/ref"
want_code 0 "the undisturbed run"

# start OUT: in the background, its words in $work/err, until something of it is kept.
start() {
  "$CLIO" run "$demo" -o "$1" >"$work/out" 2>"$work/err" &
  pid=$!
  for _ in $(seq 400); do
    [ "$(ls "$1/private/tables" 2>/dev/null | wc -l)" -ge 2 ] && break # the first of them is entered
    sleep 0.02
  done
}

ended() { # ended: waits; $code
  code=0
  wait "$pid" || code=$?
}

for signal in INT:130 TERM:143; do
  start "$work/p/out"
  kill -s "${signal%:*}" "$pid"
  ended
  want_code "${signal#*:}" "SIG${signal%:*}"
  want_err "stopped; the same command goes on from here" "SIG${signal%:*}"
  [ -e "$work/p/out/release" ] && fail "SIG${signal%:*}: a release"
  jq -e '.outcome | startswith("stopped")' "$work/p/out/manifest.json" >/dev/null || fail "SIG${signal%:*}: the manifest does not say so"
  clio run "$demo" -o "$work/p/out"
  want_code 0 "after SIG${signal%:*}"
  want_err "reused" "after SIG${signal%:*}"
  diff -r "$work/p/ref/release" "$work/p/out/release" >/dev/null || fail "after SIG${signal%:*}: other bytes"
  rm -rf "$work/p/out"
done

# The second signal waits for nothing.
start "$work/p/out"
kill -s INT "$pid"
kill -s INT "$pid"
ended
want_code 130 "two signals"
clio run "$demo" -o "$work/p/out"
want_code 0 "after two signals"
diff -r "$work/p/ref/release" "$work/p/out/release" >/dev/null || fail "after two signals: other bytes"
rm -rf "$work/p/out"

start "$work/p/out"
"$CLIO" run "$demo" -o "$work/p/out" >/dev/null 2>"$work/err2"
second=$?
ended
want_code 0 "the first of two"
[ "$second" = 74 ] || fail "the second of two: exit $second"
grep -q "another clio is writing to" "$work/err2" || fail "the second of two does not say why"
diff -r "$work/p/ref/release" "$work/p/out/release" >/dev/null || fail "the first of two: other bytes"

# Two that start a project at the same time.
for n in 1 2 3; do
  "$CLIO" run "$demo" -o "$work/q$n/a" >/dev/null 2>"$work/err" &
  pid=$!
  "$CLIO" run "$demo" -o "$work/q$n/b" >/dev/null 2>"$work/err2"
  other=$?
  ended
  [ "$code$other" = 00 ] || { fail "two that start a project: exit $code and $other"; tail -2 "$work/err" "$work/err2"; }
  diff -r "$work/q$n/a/release" "$work/q$n/b/release" >/dev/null || fail "two that start a project: two keys"
  left=$(ls -A "$work/q$n/.clio" | grep -cv '^key$\|^registry.db$')
  [ "$left" = 0 ] || fail "two that start a project: $(ls -A "$work/q$n/.clio")"
done
finish
