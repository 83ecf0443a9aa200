#!/bin/sh
# hostile_input.sh - input that is damaged, endless or means harm: each case has a pinned outcome, the
# counts of every run reconcile, memory stays bounded. CLIO_LONG_LINE=BYTES sets the length of the
# endless line (default 64 MiB; 1 GiB takes some ten seconds).
. "$CLIO_SRC/tests/e2e/lib.sh"
long_line=${CLIO_LONG_LINE-67108864}
sed -e 's/assume: null/assume: one_account_per_conversation/' \
  -e 's/path: "${input}" }/path: "${input}", max_bad_rows: 1 }/' \
  "$CLIO_SRC/configs/local.yaml" >"$work/graph.yaml"

# Every run is a project of its own, so that none is held against another.
# count KEY RUN: a number of the manifest
count() { sed -n "s/^    \"$1\": \([0-9]*\),*$/\1/p" "$work/$2/out/manifest.json" | head -1; }

# want_counts RUN READ BAD: and that all that was read is somewhere
want_counts() {
  [ "$(count read "$1")" = "$2" ] || fail "$1: $(count read "$1") read, wanted $2"
  [ "$(count bad "$1")" = "$3" ] || fail "$1: $(count bad "$1") bad, wanted $3"
  sum=$(($(count used "$1") + $(count sampled_out "$1") + $(count screened_out "$1") + $(count bad "$1")))
  [ "$(count read "$1")" = "$sum" ] || fail "$1: the counts do not reconcile"
}

run() { # run NAME CODE INPUT [ERR]
  clio run "$work/graph.yaml" -o "$work/$1/out" -i "$3"
  want_code "$2" "$1"
  [ -z "${4-}" ] || want_err "$4" "$1"
}

same_release() { diff -r "$work/plain/out/release" "$work/$1/out/release" >/dev/null || fail "$1: another release"; }

# 240 conversations on four topics
awk 'BEGIN {
  split("write a poem about autumn leaves|sort a list in python|plan a trip to the mountains|bake bread without yeast", t, "|")
  for (i = 0; i < 240; i++)
    printf "{\"id\":\"c%d\",\"messages\":[{\"role\":\"user\",\"content\":\"Please %s\"},{\"role\":\"assistant\",\"content\":\"Sure, number %d.\"}]}\n", i, t[i % 4 + 1], i
}' >"$work/good.jsonl"
run plain 0 "$work/good.jsonl"
want_counts plain 240 0

# ---- line ends, empty files, pipes
sed 's/$/\r/' "$work/good.jsonl" >"$work/crlf.jsonl"
run crlf 0 "$work/crlf.jsonl"
same_release crlf
: >"$work/empty.jsonl"
run empty 6 "$work/empty.jsonl"
printf '\n\n \r\n' >"$work/blank.jsonl"
run blank 6 "$work/blank.jsonl"
mkfifo "$work/in.pipe"
cat "$work/good.jsonl" >"$work/in.pipe" &
run fifo 0 "$work/in.pipe"
same_release fifo
wait $!
"$CLIO" run "$work/graph.yaml" -o "$work/silent/out" -i "$work/in.pipe" 2>"$work/err" &
pid=$!
until [ -s "$work/silent/out/private/run.db" ]; do sleep 0.05; done
kill -INT $pid
wait $pid
code=$?
want_code 130 "a FIFO that nobody writes to, interrupted"

# ---- bad lines among good ones
{
  cat "$work/good.jsonl"
  printf '{"id":"x1","id":"x2","messages":[{"role":"user","content":"SECRETWORD"}]}\n'
  awk 'BEGIN { for (i = 0; i < 100000; i++) printf "["; print "" }'
  awk 'BEGIN { printf "{\"id\":\"deep\",\"metadata\":"; for (i = 0; i < 100000; i++) printf "{\"a\":"; print "" }'
  printf '{"id":"x3","messages":[{"role":"user","content":"SECRETWORD \377"}]}\n'
  printf '{"id":"x4","messages":[{"role":"user","content":"SECRETWORD \000"}]}\n'
  printf '\000\000\000\n'
  printf '{"id":"x5","messages":[{"role":"user","content":"SECRETWORD"\n'
  printf '{"id":"ok","messages":[{"role":"user","content":"lone \\ud800 surrogate, Please plan a trip"}]}\n'
  printf '{"id":"ok2","messages":[{"role":"user","content":"a \342\200\250 line, \302\205 Please bake bread"}]}\n'
} >"$work/mixed.jsonl"
run mixed 0 "$work/mixed.jsonl" "mixed.jsonl:241: not JSON: the same key twice in one object at column 12"
want_err "mixed.jsonl:242: not JSON: nested deeper than max_depth allows at column 65" "depth"
want_err "mixed.jsonl:244: not JSON: invalid UTF-8 at column 61" "UTF-8"
want_counts mixed 249 7
grep -rq SECRETWORD "$work/err" "$work/mixed" && fail "a bad line's content was told"

# ---- the same id again
{ cat "$work/good.jsonl" && head -7 "$work/good.jsonl"; } >"$work/again.jsonl"
run again 0 "$work/again.jsonl" "7 conversations have an id that came before"
want_counts again 247 0
[ "$(count repeated_ids again)" = 7 ] || fail "again: repeated ids are not in the manifest"

# ---- one line without end
{ cat "$work/good.jsonl"; head -c "$long_line" /dev/zero | tr '\000' x; echo; } |
  "$CLIO" run "$work/graph.yaml" -o "$work/long/out" -i - >"$work/out" 2>"$work/err"
code=$?
want_code 0 "a line of $long_line bytes"
want_err "longer than the source's max_record" "a line of $long_line bytes"
want_counts long 241 1
same_release long
rss=$(sed -n 's/^  "rss_streamed_mib": \([0-9]*\),*$/\1/p' "$work/long/out/manifest.json")
base=$(sed -n 's/^  "rss_streamed_mib": \([0-9]*\),*$/\1/p' "$work/plain/out/manifest.json")
[ -n "$rss" ] && [ "$rss" -lt $((base + 160)) ] || fail "a line of $long_line bytes: $rss MiB, $base without it"

# ---- compressed: cut, damaged, exploding
gzip -c "$work/good.jsonl" >"$work/good.gz"
head -c 900 "$work/good.gz" >"$work/cut.gz"
run cut 1 "$work/cut.gz" "cut.gz is cut short"
{ head -c 400 "$work/good.gz" && head -c 300 /dev/zero && tail -c +701 "$work/good.gz"; } >"$work/hurt.gz"
run hurt 1 "$work/hurt.gz" "hurt.gz is damaged"
head -c 67108864 /dev/zero | gzip -9 >"$work/bomb.gz"
run bomb 1 "$work/bomb.gz" "like a decompression bomb; if it is what it should be, unpack it first or raise the source's max_ratio"
gzip -c "$work/good.gz" >"$work/twice.gz"
run twice 6 "$work/twice.gz" "not JSON"
if command -v zstd >/dev/null; then
  zstd -qc "$work/good.jsonl" | head -c 500 >"$work/cut.zst"
  run cutz 1 "$work/cut.zst" "cut.zst is cut short"
  head -c 67108864 /dev/zero | zstd -qc >"$work/bomb.zst"
  run bombz 1 "$work/bomb.zst" "like a decompression bomb"
fi
sed 's/max_bad_rows: 1 }/max_bad_rows: 1, max_ratio: 100000, max_record: 1 }/' "$work/graph.yaml" >"$work/wide.yaml"
clio run "$work/wide.yaml" -o "$work/raised/out" -i "$work/bomb.gz"
want_code 6 "a raised max_ratio"
want_err "longer than the source's max_record" "a raised max_ratio"

# ---- an export
sed 's/conversations: 5,/conversations: 2,/' "$CLIO_SRC/configs/claude.yaml" >"$work/claude.yaml"
export_run() { # export_run NAME CODE INPUT [ERR]
  clio run "$work/claude.yaml" -o "$work/$1/out" -i "$3"
  want_code "$2" "$1"
  [ -z "${4-}" ] || want_err "$4" "$1"
}
mkdir "$work/export"
awk 'BEGIN {
  printf "["
  for (i = 0; i < 90; i++)
    printf "%s\n{\"uuid\":\"u%d\",\n \"chat_messages\":[{\"sender\":\"human\",\"text\":\"Please write poem %d about leaves\"}]}", i ? "," : "", i, i
  print "]"
}' >"$work/export/conversations.json"
export_run exp 0 "$work/export"
want_counts exp 90 0
"$CLIO" run "$work/claude.yaml" -o "$work/pipe/out" -i - <"$work/export/conversations.json" >"$work/out" 2>"$work/err" ||
  fail "an export through a pipe"
diff -r "$work/exp/out/public" "$work/pipe/out/public" >/dev/null || fail "an export through a pipe: another result"
head -c 5000 "$work/export/conversations.json" >"$work/half.json"
export_run half 1 "$work/half.json" "is cut short: its JSON list has no end"
export_run lines 1 "$work/good.jsonl" "is not the JSON list that was expected"
export_run nozip 1 "$work/good.gz" "is not the JSON list that was expected"
if command -v zip >/dev/null; then
  (cd "$work/export" && zip -q ../export.zip conversations.json && zip -q -P pass ../secret.zip conversations.json &&
    zip -q -j ../nested.zip ../export.zip)
  export_run zipped 0 "$work/export.zip"
  diff -r "$work/exp/out/public" "$work/zipped/out/public" >/dev/null || fail "an export's archive: another result"
  export_run secret 1 "$work/secret.zip" "is encrypted; unpack it first"
  export_run nested 1 "$work/nested.zip" "but archives, which are not opened"
  head -c 600 "$work/export.zip" >"$work/cut.zip"
  export_run cutzip 1 "$work/cut.zip" "is damaged or cut short"
  { printf '['; head -c 67108864 /dev/zero | tr '\000' ' '; printf ']'; } >"$work/export/conversations.json"
  (cd "$work/export" && zip -q ../bomb.zip conversations.json)
  export_run bombzip 1 "$work/bomb.zip" "like a decompression bomb"
  run asjsonl 1 "$work/export.zip" "is a zip archive; unpack it first"
fi

# ---- other people's collections of trouble
if [ -d "$CLIO_SHARED/data/json-test-suite" ]; then
  for f in "$CLIO_SHARED"/data/json-test-suite/*.json; do
    tr '\n' ' ' <"$f"
    echo
  done >"$work/suite.jsonl"
  run suite 6 "$work/suite.jsonl"
  bad=$(count bad suite)
  [ "$bad" = "$(count read suite)" ] && [ "$bad" -ge 300 ] || fail "suite: $bad of $(count read suite) lines are bad"
fi
if [ -f "$CLIO_SHARED/data/blns/blns.json" ] && command -v jq >/dev/null; then
  jq -c 'to_entries[] | {id: "n\(.key)", messages: [{role: "user", content: .value}]}' \
    "$CLIO_SHARED/data/blns/blns.json" >"$work/blns.jsonl"
  clio run "$work/graph.yaml" -o "$work/blns/out" -i "$work/blns.jsonl"
  [ "$code" = 0 ] || [ "$code" = 6 ] || fail "naughty strings: exit $code"
  want_counts blns "$(wc -l <"$work/blns.jsonl")" 0
fi
finish
