#!/bin/sh
# llama.sh - a whole pipeline against a real model: a llama of 260,000 parameters in llama.cpp (npm,
# node-llama-cpp) behind llama_bridge.mjs, which speaks OpenAI's form over HTTP. No sense is expected of its
# answers; their form is, and that the same questions have the same answers. Skipped where npm is out of
# reach or the model is not there.
. "$CLIO_SRC/tests/e2e/lib.sh"
. "$CLIO_SRC/tests/e2e/npm_lib.sh"
gguf=$CLIO_SHARED/data/tiny-llm/aidreams260K.gguf
[ -f "$gguf" ] || skip 'the tiny model is not here (CLIO_SHARED)'
case $(uname -m) in
x86_64) binaries=linux-x64 ;;
aarch64) binaries=linux-arm64 ;;
*) skip "node-llama-cpp has no binaries for $(uname -m)" ;;
esac
mkdir "$work/plugins"
${CC:-cc} -std=c11 -fPIC -shared -fvisibility=hidden -I"$CLIO_SRC/sdk" -o "$work/plugins/asker.so" \
  "$CLIO_SRC/tests/e2e/asker.c" || fail 'asker.c does not compile'
export CLIO_PLUGIN_PATH="$work/plugins:$CLIO_PLUGIN_PATH"
npm_need llama node-llama-cpp@3.22.1 "@node-llama-cpp/$binaries@3.22.1"

port=$(free_port)
serve "$port" node "$CLIO_SRC/tests/e2e/llama_bridge.mjs" "$modules" "$gguf" "$port"
url=http://127.0.0.1:$port/v1/chat/completions

# Is it a model at all? Two beginnings go on differently, the same one twice the same.
say() {
  curl -s "$url" -d "{\"model\": \"m\", \"max_tokens\": 12, \"messages\": [{\"role\": \"user\", \"content\": \"$1\"}]}" |
    jq -r '.choices[0].message.content'
}
[ -n "$(say 'Once upon a time')" ] || fail "it says nothing: $(tail -2 "$work/served.$port")"
[ "$(say 'Once upon a time')" = "$(say 'Once upon a time')" ] || fail 'it does not repeat itself'
[ "$(say 'Once upon a time')" != "$(say 'A blue cat')" ] || fail 'it says the same to everything'

cat >"$work/graph.yaml" <<END
clio: 1
name: llama
privacy: { mode: public, public: made by source/synthetic, declassify: [asker, request], round: 1 }
models:
  chat: { use: model/openai, base_url: "http://127.0.0.1:$port/v1", model: aidreams, limits: { in_flight: 4, give_up: 60 } }
  emb: { use: model/openai, base_url: "http://127.0.0.1:$port/v1", model: aidreams, limits: { in_flight: 4, give_up: 60 } }
budget: { free: [chat, emb] }
stages:
  conversations: { use: source/synthetic, conversations: 150 }
  asker: { use: extractor/asker, from: conversations, model: chat, closed: true, max_bad_rows: 1 }
  request: { use: summarizer/extractive, from: asker }
  vectors: { use: embedder/model, from: request, column: request, model: emb, dimension: 64 }
  clusters: { use: clusterer/kmeans, from: vectors }
  tree: { use: hierarchizer/ward, from: clusters }
  names: { use: namer/keyphrase, from: tree }
  cells: { use: aggregator/threshold, from: names, columns: [answered] }
  audit: { use: auditor/rules, from: cells }
  json: { use: report/json, from: audit }
END
for run in one two; do
  clio run "$work/graph.yaml" -o "$work/$run"
  want_code 0 "run $run"
done
cmp "$work/one/public/clusters.json" "$work/two/public/clusters.json" || fail 'two runs differ'
tail -3 "$work/err"
jq -e '.models.roles[] | select(.role == "chat") | .outcomes.ok > 100 and .tokens.input > 1000 and .tokens.output > 1000' \
  "$work/one/manifest.json" >/dev/null || fail "chat: $(jq -c .models.roles "$work/one/manifest.json")"
jq -e '.models.roles[] | select(.role == "emb") | .outcomes.ok == 150' "$work/one/manifest.json" >/dev/null ||
  fail "emb: $(jq -c .models.roles "$work/one/manifest.json")"
jq -e '.clusters | length > 2' "$work/one/public/clusters.json" >/dev/null || fail 'no clusters came out'
finish
