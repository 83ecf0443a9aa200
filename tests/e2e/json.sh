#!/bin/sh
# json.sh - what --json prints is one JSON document on stdout, whatever the outcome, and holds what the
# text says. Also: everyday words in names make every output say so.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v jq >/dev/null || {
  echo "skipped: jq is not here"
  exit 77
}
holds() { # holds FILTER WHAT: stdout is one document, of which the filter is true
  jq -es "length == 1 and (.[0] | ($1))" "$work/out" >/dev/null 2>"$work/jq" || {
    fail "$2: not so: $1"
    head -c 2000 "$work/out" "$work/jq"
  }
}
stages='source/jsonl'

clio check "$CLIO_SRC/configs/local.yaml" --json
want_code 0 "check"
holds '.ok and .mode == "release" and (.stages | length > 8) and .findings == [] and
  (.stages | any(.id == "request" and .declassifies))' "check of a good graph"
graph_with 's/from: basic/from: basci/; s/round: 5/round: many/'
clio check "$work/graph.yaml" --json
want_code 78 "check of a bad graph"
[ -s "$work/err" ] && fail "check --json printed on stderr"
holds '(.ok | not) and .stages == [] and (.findings | length >= 2) and (.findings | all(
  (.file | endswith("graph.yaml")) and .line > 0 and .column > 0 and .severity == "error" and
  (.message | length > 9))) and (.findings | any(.hint == "did you mean '"'basic'"'?"))' "check of a bad graph"
clio check "$work/none.yaml" --json
want_code 74 "check of no graph"
holds '(.ok | not) and .findings[0].kind == "io"' "check of no graph"
clio check --dot --json "$CLIO_SRC/configs/local.yaml"
want_code 2 "--dot and --json"
[ -s "$work/out" ] && fail "--dot and --json printed something"

clio run "$work/graph.yaml" --json -o "$work/bad"
want_code 78 "run of a bad graph"
holds '.outcome == "failed" and .exit == 78 and .kind == "config" and (.findings | length >= 2)' "run of a bad graph"
[ -e "$work/bad" ] && fail "a bad graph made a folder"
sed 's/^ *word: .*/  word: { exempt: common }/; s/^privacy:/&\n  word: { exempt: common }/' "$CLIO_SRC/configs/demo.yaml" >"$work/demo.yaml"
clio run "$work/demo.yaml" --json -o "$work/demo"
want_code 0 "run"
holds '.outcome == "done" and .exit == 0 and .mode == "release" and .read == 6000 and
  .used + .bad + .sampled_out + .screened_out == .read and (.results | endswith("demo/release")) and
  (.stages | length > 8)' "run"
for f in clusters.json clusters.csv facets.csv; do
  grep -q "names are not proof against poisoning by common words" "$work/demo/release/$f" || fail "$f has no caveat"
done
clio show "$work/demo"
grep -q "names are not proof against poisoning by common words" "$work/out" || fail "show has no caveat"
clio show "$work/demo" --json
want_code 0 "show"
holds '.run.mode == "release" and .run.caveat and (.clusters | length > 3) and
  (.clusters[0].parent == null)' "show"
printf '{"id":"a","messages":[{"role":"user","content":"hello there"}]}\n' >"$work/one.jsonl"
clio run "$CLIO_SRC/configs/local.yaml" -i "$work/one.jsonl" -o "$work/one" --json
want_code 6 "a refusal"
holds '.outcome == "refused" and .exit == 6 and .kind == "privacy" and (.error | contains("account ids"))' "a refusal"
clio run "$CLIO_SRC/configs/local.yaml" -i "$work/none.jsonl" -o "$work/none" --json
want_code 74 "no input"
holds '.outcome == "failed" and .exit == 74 and .kind == "io"' "no input"

clio inspect --json
holds "length > 9 and any(.[]; .kind + \"/\" + .name == \"$stages\")" "inspect"
clio inspect sampler --json
holds 'length >= 1 and all(.[]; .kind == "sampler")' "inspect of a kind"
clio inspect sampler
want_code 0 "inspect of a kind"
[ "$(grep -c '^[a-z]' "$work/out")" = 1 ] || fail "inspect sampler lists other kinds: $(cat "$work/out")"
clio inspect samplr
want_code 78 "inspect of no kind"
clio inspect source/jsonl --json
holds '.kind == "source" and (.parameters | any(.name == "path" and .input)) and (.plugin.sha256 | length == 64)' "inspect of a stage"

graph_with 's|^name: .*|name: ../../evil|'
clio check "$work/graph.yaml"
want_code 78 "a name that is a path"
want_err "without '/'" "a name that is a path"
finish
