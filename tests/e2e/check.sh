#!/bin/sh
# check.sh - every graph that is shipped or printed in the design passes `clio check`, without its input;
# --dot and --json say the same; a bad graph ends with 78 and what is said goes to stderr.
. "$CLIO_SRC/tests/e2e/lib.sh"
for g in "$CLIO_SRC"/configs/*.yaml "$CLIO_SRC"/tests/graph/design.yaml "$CLIO_SRC"/tests/graph/design.json; do
  [ -f "$g" ] || continue
  head -40 "$g" | grep -q 'stages' || continue
  clio check "$g"
  want_code 0 "check $(basename "$g")"
  grep -q ': ok, ' "$work/out" || fail "check $(basename "$g") does not say ok"
  grep -q '^declassifies: ' "$work/out" || fail "check $(basename "$g") names no declassifying stage"
done
clio check --dot "$CLIO_SRC/configs/local.yaml"
want_code 0 "check --dot"
grep -q '^digraph clio {' "$work/out" || fail "--dot prints no graph"
clio check --json "$CLIO_SRC/configs/local.yaml"
want_code 0 "check --json"

graph_with 's/from: basic/from: basci/'
clio check "$work/graph.yaml"
want_code 78 "an unknown from"
want_err "did you mean 'basic'?" "an unknown from"
[ -s "$work/out" ] && fail "errors went to stdout"

graph_with 's/declassify: .*/declassify: [basic, language, refusal]/'
clio check "$work/graph.yaml"
want_code 78 "an ungranted summarizer"
want_err "add 'request' to privacy.declassify" "an ungranted summarizer"

graph_with 's/\(request: *{ use: summarizer.extractive, from: refusal\)/\1, sha256: 0000000000000000000000000000000000000000000000000000000000000000/'
clio check "$work/graph.yaml"
want_code 78 "another plugin than the pinned one"
want_err "the graph pins 0000000000000000" "another plugin than the pinned one"

clio frobnicate
want_code 2 "an unknown command"
clio run
want_code 2 "run without a graph"
clio --version
want_code 0 "--version"
for c in run check inspect show; do
  clio $c --help
  want_code 0 "$c --help"
  grep -q Example "$work/out" || fail "$c --help has no example"
done
# ---- what is no graph is not quoted: it may be conversations ----
secret='my number is 123-45-6789'
printf 'id,content\n1,%s\n' "$secret" >"$work/a.csv"
printf '{"prompt": "%s"}\n' "$secret" >"$work/b.jsonl"
printf 'User: %s\nAssistant: thanks\n' "$secret" >"$work/c.txt"
printf '{"id":"1","messages":[{"role":"user","content":"\\"stages\\": %s"}]}\n' "$secret" >"$work/d.jsonl"
printf '{"prompt":"%s"}\n' "$secret" | iconv -t UTF-16 >"$work/e.jsonl"
for file in a.csv b.jsonl c.txt d.jsonl e.jsonl; do
  clio run "$work/$file" -i "$CLIO_SRC/configs/local.yaml" -o "$work/none"
  want_code 78 "$file in a graph's place"
  want_err "$file is no graph: it has no line 'clio: 1' and no 'stages:'" "$file in a graph's place"
  tr -d '?\0' <"$work/err" | grep -q '45-6789' && fail "$file is quoted"
done
printf '{"name":"x","clio":1,"stages":{}}' >"$work/f.json"
clio check "$work/f.json"
want_err 'stages is empty' 'a graph in JSON that begins with another key'
finish
