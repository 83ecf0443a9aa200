#!/bin/sh
# conform.sh - `clio conform` over plugins that each break one rule: that check must fail, with a cure,
# and no other; over stages in C++ and Rust built outside the tree; and over every bundled plugin.
. "$CLIO_SRC/tests/e2e/lib.sh"
here=$CLIO_SRC/tests/sdk
: "${CC:=cc}" "${CXX:=c++}"
cd "$work" || exit 1
# A crash is what is looked for; a sanitizer would make an exit of it.
plain=
if [ "${CLIO_SANITIZED-}" ]; then
  plain=-fno-sanitize=all
  export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0"
fi

# broken MACRO WANT TEXT [SECONDS]: built with it, the failed checks are WANT ('' for none), and one says TEXT.
cure=
broken() {
  more=
  case $1 in ENDLESS | NEVER) more=-DBREAKS_MORE ;; esac
  $CC $plain -std=gnu11 -w -O1 -fPIC -shared -fvisibility=hidden -I"$CLIO_SRC/sdk" "-DBREAKS=$1" $more \
    -o breaks.so "$here/breaks.c" || { fail "breaks.c does not compile with $1"; return; }
  clio conform ./breaks.so --timeout "${4:-20}"
  got=$(sed -n 's/^  failed *\([a-z]*\) .*/\1/p' out | tr '\n' ' ')
  [ "${got% }" = "$2" ] || { fail "$1: failed were '$got', wanted '$2'"; cat out; }
  grep -qF -- "$3" out || { fail "$1: the report lacks: $3"; cat out; }
  if [ "$2" ]; then
    want_code 1 "$1"
    [ "$(grep -c '^ *cure: ' out)" = "$(echo "$2" | wc -w)" ] || fail "$1: not a cure for each"
    grep -qF -- "${cure:=cure: }" out || { fail "$1: the report lacks: $cure"; cat out; }
  else
    want_code 0 "$1"
  fi
}
cured() { # cured MACRO WANT TEXT CURE: and the cure says this
  cure=$4
  broken "$1" "$2" "$3"
  cure=
}
broken NOTHING '' 'conforms: 15 checks, 0 of them skipped'
broken ENDLESS descriptor "column 'more': its list of choices does not end: put NULL behind the last one"
broken INHERITED classes "the facet 'breaks', whose class is inherited, would be RAW"
broken OUTPUTS classes "it reads column 'outputs' of input 'in' as utf8, and it is i64"
cured CLOCK calls 'it reads the clock or the time zone (time)' "when a conversation began is its column 'time'"
cured FILES calls 'it opens files (fopen)' 'through clio.asset/1, and write through clio.output/1'
cured THREADS calls 'it starts threads (pthread_create)' 'give clio.parallel/1 the loop'
cured SETTINGS calls 'it reads the environment (getenv)' 'make it a parameter of the stage'
cured DICE calls 'it draws random numbers of its own (rand)' 'call host->random(call, key)'
cured TYPE run "column 'request' is utf8 and is read as i64" 'read a column as the type that it has'
cured NEVER run "declares column 'more' and never adds it: it is null in every row" 'take it out of the output'
cured KEEPS run 'a table is used after the call that gave it' 'host->ref() a table that is kept past its call'
cured UNFLAGGED nulls "column 'breaks', row" 'add CLIO_COL_NULLABLE to its flags'
broken WRITES '' 'but process() writes to self, which only an atomic counter may'
broken COUNTS state "a run writes to its static variable 'calls'"
broken SETS state 'another result where a second instance runs in between'
broken LEAKS leaks 'memory stays behind: about'
broken HELP parameters "parameter 'most' has no help"
broken WORDLESS parameters 'plan() refuses most = 1000, which its range allows, and does not say why'
broken CLASS classes "reads the RAW column 'content' and makes 'breaks' DERIVED without the capability"
broken GROUPED classes "column 'breaks' has one value per conversation and is declared GROUPED"
broken UNDECLARED run "there is no column 'language', or the stage has not asked for it"
broken TWICE run 'a row-wise stage emits once per batch, not 2 times'
broken PRINTS 'calls run' 'it printed to standard output or standard error'
broken TELLS run 'a message repeats the text of a conversation'
broken TELLS_ROW run 'a message repeats the text of a conversation'
broken CRASHES run 'it crashed (signal 6, Aborted)'
broken EMPTY small 'it crashed (signal 6, Aborted)'
broken NULLS nulls 'it crashed (signal 11, Segmentation fault)'
broken NEVER_NULL nulls "column 'account' may be null in any input, and is declared as never null"
broken EXITS 'calls nulls' 'it ended the process (exit code 3)'
broken LONG text 'hostile texts: process: a text is longer than 5000 bytes'
broken HANGS text 'it did not come back within 3 s' 3
broken NUMBERS batches 'another result in batches of 1 rows than in one'
broken CHANCE 'batches state' 'the same input gave two results in two runs'
broken SHARED threads 'another result with 2 threads than with one'
broken ORDER threads 'another result where blocks come in falling order'
broken UNCHECKED memory 'it crashed (signal 11, Segmentation fault)'
broken SILENT memory 'and the stage answered'
broken DEAF cancel 'it went on for more than 2 s after the run was stopped'

# ---- no plugin, no stage ----
echo 'no plugin' >text.so
clio conform ./text.so
want_code 1 'a text file'
grep -q 'failed *descriptor *.*is a text file, not a shared object' out || fail 'a text file is not named'
clio conform ./nothing.so
want_code 1 'no file'

# ---- the report as JSON ----
clio conform --json ./breaks.so
want_code 1 'as JSON'
grep -q '"check": "cancel"' out && grep -q '"outcome": "failed"' out && grep -q '"ok": false' out ||
  fail 'the JSON report lacks the failed check'

# ---- other languages ----
conforms() { # conforms FILE WHAT [OPTION...]
  file=$1 what=$2
  shift 2
  clio conform "$file" "$@"
  set -- "$file" "$what"
  want_code 0 "$2"
  [ "$code" = 0 ] || cat out
  if grep -q '^  skipped *run *it takes none of the lines' out; then
    echo "left out: $2 was not run, its input has a form of its own"
  elif grep -q '^  skipped *run *its data file' out; then
    echo "left out: $2 was not run, its data file is not installed"
  elif grep -q '^  skipped *run ' out; then
    fail "$2: it was not run"
    cat out
  fi
}
runs() { # runs FILE NAME COLUMN: in the graph that clio new writes for an extractor
  clio new "extractor/$2" -o "graph_$2"
  cp "$1" "graph_$2/$2.so"
  (cd "graph_$2" && CLIO_PLUGIN_PATH=.:"$CLIO_BUILD/plugins" "$CLIO" run graph.yaml -o out >log 2>&1) ||
    { fail "$2 does not run in its graph"; tail -5 "graph_$2/log"; }
  grep -q "\"$2\"" "graph_$2/out/public/clusters.json" || fail "$2: its facet is not in the release"
}
if $CXX -std=c++20 -Wall -Wextra -Wno-missing-field-initializers -Werror -fPIC -shared \
  -fvisibility=hidden -I"$CLIO_SRC/sdk" -o loudness.so "$here/stage.cc" 2>log; then
  conforms ./loudness.so 'a stage in C++'
  runs ./loudness.so loudness
else
  fail 'the stage in C++ does not compile'
  head -5 log
fi
rustc=$(command -v rustc || ls "$HOME/.cargo/bin/rustc" 2>/dev/null)
if [ "$rustc" ]; then
  if "$rustc" --edition 2021 --crate-type cdylib -C panic=abort -O -o calm.so "$here/stage.rs" 2>log; then
    conforms ./calm.so 'a stage in Rust'
    runs ./calm.so calm
  else
    fail 'the stage in Rust does not compile'
    head -5 log
  fi
else
  echo 'left out: there is no rustc for the stage in Rust'
fi

# ---- every bundled plugin ----
for file in "$CLIO_BUILD"/plugins/*/.libs/*.so; do
  name=$(basename "$file")
  case $name in
  llm.so) conforms "$file" "$name" --set 'facets=["@facets/concern.yaml"]' ;;
  match.so) conforms "$file" "$name" --set match=the ;;
  *) conforms "$file" "$name" ;;
  esac
done
finish
