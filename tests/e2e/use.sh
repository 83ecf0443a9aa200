#!/bin/sh
# use.sh - the sentence encoder in a run: passed over and said so where its model is missing; where it
# is there, the same release from any number of threads and batch size, and the model's hash in the
# manifest.
# shellcheck source=lib.sh
. "$CLIO_SRC/tests/e2e/lib.sh"
small() { # small USE: the demo with fewer conversations and that embedder
  sed "s|conversations: 6000, accounts: 1500|conversations: 900, accounts: 300|; s|\[embedder/blend, embedder/lsa\]|$1|" \
    "$CLIO_SRC/configs/demo.yaml" >"$work/graph.yaml"
}

small '[embedder/blend, embedder/lsa]'
clio run "$work/graph.yaml" -o "$work/p/lsa"
want_code 0 "without the model"
want_err "uses: vectors takes embedder/lsa; embedder/blend is not ready: its data file models/use-lite-en.clio is missing; run './autogen.sh model'" \
  "without the model"
grep -q '"passed_over": \[ *$\|"passed_over": \["embedder/blend is not ready' "$work/p/lsa/manifest.json" ||
  fail "the manifest does not say what was passed over"
small embedder/use
clio check "$work/graph.yaml"
want_code 78 "embedder/use alone, without the model"
want_err "embedder/use is not ready" "embedder/use alone, without the model"

[ -f "$CLIO_SRC/configs/models/use-lite-en.clio" ] || {
  echo "the model is not built (./autogen.sh model): runs with it were not tested"
  [ "$failures" -eq 0 ] && exit 77
  finish
}
CLIO_DATA_PATH=$CLIO_SRC/configs
clio run "$work/graph.yaml" -o "$work/p/a" --threads 1 --batch-rows 100
want_code 0 "embedder/use"
clio run "$work/graph.yaml" -o "$work/p/b" --threads 2 --batch-rows 333
want_code 0 "embedder/use, two threads"
cmp "$work/p/a/release/clusters.json" "$work/p/b/release/clusters.json" ||
  fail "embedder/use: threads or batch size change the release"
grep -q "$(sha256sum "$CLIO_DATA_PATH/models/use-lite-en.clio" | cut -d' ' -f1)" "$work/p/a/manifest.json" ||
  fail "the manifest lacks the model's hash"
small '[embedder/blend, embedder/lsa]'
clio run "$work/graph.yaml" -o "$work/p/c" --threads 2
want_code 0 "embedder/blend"
head -c 1000000 "$CLIO_DATA_PATH/models/use-lite-en.clio" >"$work/data/models-cut"
mkdir "$work/data/models" && mv "$work/data/models-cut" "$work/data/models/use-lite-en.clio"
CLIO_DATA_PATH=$work/data
clio run "$work/graph.yaml" -o "$work/p/d"
want_code 1 "a model that is cut short"
want_err "the model file models/use-lite-en.clio is not good: it is cut short or has grown" \
  "a model that is cut short"
finish
