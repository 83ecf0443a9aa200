#!/bin/sh
# replay.sh - a graph that asks a model, without any network: model/replay makes every vector, twice
# the same; what is not recorded is named by its key, so that it can be recorded.
. "$CLIO_SRC/tests/e2e/lib.sh"

cat >"$work/graph.yaml" <<'EOF'
clio: 1
name: replay
models:
  small: { use: model/replay, otherwise: make }
privacy:
  mode: public
  public: made-up conversations
  declassify: [request]
stages:
  conversations: { use: source/synthetic, conversations: 1000 }
  request:  { use: summarizer/extractive, from: conversations }
  vectors:  { use: embedder/model, from: request, model: small, dimension: 128 }
  clusters: { use: clusterer/kmeans, from: vectors }
  tree:     { use: hierarchizer/ward, from: clusters }
  names:    { use: namer/keyphrase, from: tree }
  audit:    { use: auditor/rules, from: names }
  json:     { use: report/json, from: audit }
EOF

clio check "$work/graph.yaml"
want_code 0 check
for run in one two; do
  clio run "$work/graph.yaml" --out "$work/$run" --fresh
  want_code 0 "run $run"
done
cmp "$work/one/public/clusters.json" "$work/two/public/clusters.json" || fail "two runs differ"
grep -q '"conversations"' "$work/one/public/clusters.json" || fail "nothing was released"

sed 's/otherwise: make/otherwise: fail/' "$work/graph.yaml" >"$work/strict.yaml"
clio run "$work/strict.yaml" --out "$work/strict"
want_code 1 "a run without its recorded answers"
grep -qE 'no recorded answer for [0-9a-f]{64}; record it, or set otherwise' "$work/err" ||
  fail "the missing key is not named: $(tail -2 "$work/err")"
finish
