#!/bin/sh
# input.sh - the same conversations plain, gzipped, zstd-compressed, in two files and from stdin give
# the same release; bad lines are named by file and line, never by content, and bounded by max_bad_rows.
. "$CLIO_SRC/tests/e2e/lib.sh"
want_data hh-rlhf
input=$CLIO_SHARED/data/hh-rlhf/conversations.jsonl
graph_with 's/assume: null/assume: one_account_per_conversation/'
run() { clio run "$work/graph.yaml" -o "$work/$1" -i "$2"; want_code 0 "$1"; }

run plain "$input"
gzip -c "$input" >"$work/in.gz"
run gz "$work/in.gz"
diff -r "$work/plain/release" "$work/gz/release" >/dev/null || fail "gzip changes the release"
if command -v zstd >/dev/null; then
  zstd -qc "$input" >"$work/in.zst"
  run zst "$work/in.zst"
  diff -r "$work/plain/release" "$work/zst/release" >/dev/null || fail "zstd changes the release"
fi
"$CLIO" run "$work/graph.yaml" -o "$work/stdin" -i - <"$input" >"$work/out" 2>"$work/err" || fail "stdin"
diff -r "$work/plain/release" "$work/stdin/release" >/dev/null || fail "stdin changes the release"

# a bad line: counted, named, its content never said
{ cat "$input"; echo '{"id": "x", "messages": [{"role": "user", "content": "SECRETWORD"}'; } >"$work/bad.jsonl"
run bad "$work/bad.jsonl"
lines=$(wc -l <"$work/bad.jsonl")
want_err "bad.jsonl:$lines: " "a bad line"
grep -rq SECRETWORD "$work/err" "$work/bad" && fail "a bad line's content was told"
grep -q '"bad": 1' "$work/bad/manifest.json" || fail "the bad line was not counted"

# too many of them
{ head -200 "$input"; for i in 1 2 3 4 5; do echo 'no json'; done; } >"$work/worse.jsonl"
clio run "$work/graph.yaml" -o "$work/worse" -i "$work/worse.jsonl"
want_code 1 "too many bad lines"
want_err "max_bad_rows" "too many bad lines"

: >"$work/empty.jsonl"
clio run "$work/graph.yaml" -o "$work/empty" -i "$work/empty.jsonl"
want_code 6 "an empty file"
clio run "$work/graph.yaml" -o "$work/absent" -i "$work/absent.jsonl"
want_code 74 "an absent file"
finish
