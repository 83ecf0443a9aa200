# lib.sh - what the end-to-end scripts share: a work folder of their own, runs of the built clio, and
# checks that say what they wanted. Sourced; the folder goes when the script ends.
set -u
CLIO_SHARED=${CLIO_SHARED-$CLIO_SRC/../shared}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
# A make that a script runs is no part of the make that runs the tests.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
# The shipped data without the sentence encoder's model: the same results whether it is built or not.
mkdir "$work/data"
for entry in "$CLIO_SRC"/configs/*; do
  [ "${entry##*/}" = models ] || ln -s "$entry" "$work/data/"
done
export CLIO_DATA_PATH="$work/data"
export CLIO_PROJECT_KEY=000102030405060708090a0b0c0d0e0f

fail() {
  printf 'FAIL: %s\n' "$*"
  failures=$((failures + 1))
}

# clio ARGS...: runs it; $code is its exit code, $work/out and $work/err what it said.
clio() {
  "$CLIO" "$@" >"$work/out" 2>"$work/err"
  code=$?
}

want_code() { # want_code N WHAT
  [ "$code" = "$1" ] || {
    fail "$2: exit $code, wanted $1"
    tail -5 "$work/err"
  }
}

want_err() { # want_err TEXT WHAT: the text stands on stderr
  grep -qF -- "$1" "$work/err" || {
    fail "$2: stderr lacks: $1"
    tail -5 "$work/err"
  }
}

want_data() { # want_data SET: skips the script where the data set is absent
  [ -f "$CLIO_SHARED/data/$1/conversations.jsonl" ] || {
    echo "skipped: $1 is not here (CLIO_SHARED)"
    exit 77
  }
}

# graph_with SED-EXPRESSION: the shipped local graph, changed, as $work/graph.yaml.
graph_with() { sed "$1" "$CLIO_SRC/configs/local.yaml" >"$work/graph.yaml"; }

finish() {
  [ "$failures" = 0 ] && echo "all well"
  exit $((failures > 0))
}
