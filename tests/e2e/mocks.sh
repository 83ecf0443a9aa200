#!/bin/sh
# mocks.sh - whole pipelines against two mock servers that we did not write: aimock (npm, @copilotkit/aimock)
# in the forms of OpenAI and Anthropic, answers and embeddings, healthy and with faults of its own; mock-llm
# (npm, @dwmkerr/mock-llm) in OpenAI's. Skipped where npm is out of reach.
. "$CLIO_SRC/tests/e2e/lib.sh"
. "$CLIO_SRC/tests/e2e/npm_lib.sh"
export CLIO_TEST_KEY=sk-not-a-key
mkdir "$work/plugins"
${CC:-cc} -std=c11 -fPIC -shared -fvisibility=hidden -I"$CLIO_SRC/sdk" -o "$work/plugins/asker.so" \
  "$CLIO_SRC/tests/e2e/asker.c" || fail 'asker.c does not compile'
export CLIO_PLUGIN_PATH="$work/plugins:$CLIO_PLUGIN_PATH"
npm_need mocks @copilotkit/aimock@1.43.0 @dwmkerr/mock-llm@0.1.29

# The limits are ours: aimock's 429 says that no tokens are left for six minutes.
limits='in_flight: 8, attempts: 30, give_up: 30, requests_per_minute: 600000, input_tokens_per_minute: 60000000'
# graph CHAT VECTORS: 150 conversations, four things asked about each, and their vectors
graph() {
  cat >"$work/graph.yaml" <<END
clio: 1
name: mocks
privacy: { mode: public, public: made by source/synthetic, declassify: [asker, request], round: 1 }
models:
  chat: { $1, model: m, key: CLIO_TEST_KEY, limits: { $limits } }
  emb: { use: model/openai, base_url: "$base/v1", model: m, dimensions: send, limits: { $limits } }
budget: { free: [chat, emb] }
stages:
  conversations: { use: source/synthetic, conversations: 150 }
  asker: { use: extractor/asker, from: conversations, model: chat }
  request: { use: summarizer/extractive, from: asker }
  vectors: { $2, from: request, column: request }
  clusters: { use: clusterer/kmeans, from: vectors }
  tree: { use: hierarchizer/ward, from: clusters }
  names: { use: namer/keyphrase, from: tree }
  cells: { use: aggregator/threshold, from: names, columns: [answered] }
  audit: { use: auditor/rules, from: cells }
  json: { use: report/json, from: audit }
END
}
by_model='use: embedder/model, model: emb, dimension: 32'

# run NAME: as $work/NAME; every conversation was answered
run() {
  clio run "$work/graph.yaml" -o "$work/$1"
  want_code 0 "$1"
  [ "$(jq .unanswered "$work/$1/manifest.json")" = 0 ] || fail "$1: some got no answer"
  jq -e '[.stages[].failed] | add == 0' "$work/$1/manifest.json" >/dev/null || fail "$1: some rows failed"
  jq -e '[.clusters[] | select(.parent == null) | .facets.answered[].value] == ["1"]' \
    "$work/$1/public/clusters.json" >/dev/null || fail "$1: not every conversation was answered"
}
same() { # same A B: the same but for the graph's name
  jq -S 'del(.run.graph_hash)' "$work/$1/public/clusters.json" >"$work/a.json"
  jq -S 'del(.run.graph_hash)' "$work/$2/public/clusters.json" | cmp -s - "$work/a.json" || fail "$1 and $2 differ"
}

cat >"$work/fixtures.json" <<'END'
{"fixtures": [{"match": {"userMessage": "What is asked for"},
  "response": {"content": "{\"a\": \"a text\", \"b\": \"x\", \"c\": 3, \"d\": true}"}}]}
END
aimock() { # aimock OPTIONS...
  port=$(free_port)
  base=http://127.0.0.1:$port
  serve "$port" node "$modules/@copilotkit/aimock/dist/cli.js" -p "$port" -f "$work/fixtures.json" \
    --log-level silent --journal-max 0 "$@"
}
journal() { curl -s "$base/__aimock/journal?limit=100000" | jq "$1"; }

aimock
graph "use: model/openai, base_url: \"$base/v1\"" "$by_model"
run openai
graph "use: model/anthropic, base_url: \"$base/v1\"" "$by_model"
run anthropic
same openai anthropic
stop_servers

aimock --chaos-drop 0.1 --chaos-malformed 0.1 --chaos-disconnect 0.05 --chaos-ratelimit 0.05
for wire in openai anthropic; do
  graph "use: model/$wire, base_url: \"$base/v1\"" "$by_model"
  run "$wire-faults"
  same openai "$wire-faults"
  [ "$(jq '.models.attempts.all' "$work/$wire-faults/manifest.json")" -gt "$(jq '.models.attempts.all' "$work/$wire/manifest.json")" ] ||
    fail "$wire: aimock's faults were not met"
done
stop_servers

# The shipped graph, but for its auditor/llm, whose texts bear numbers that nothing canned can give back. aimock answers questions about a conversation by its subject, and those about groups
# in no form that was asked for: names then come from keyphrases, and the tree is still a tree.
awk 'BEGIN {
  split("cook a soup,write a poem,fix a python script", wish, ",")
  for (i = 0; i < 600; i++)
    printf "{\"id\":\"c%d\",\"account_id\":\"a%d\",\"messages\":[{\"role\":\"user\",\"content\":\"Please help me to %s, number %d\"},{\"role\":\"assistant\",\"content\":\"Gladly.\"}]}\n", i, i % 200, wish[i % 3 + 1], i
}' >"$work/in.jsonl"
facets() { printf '{"match": {"userMessage": "%s"}, "response": {"content": "{\\"request\\": \\"help to %s\\", \\"language\\": \\"English\\", \\"concern\\": 1, \\"refusal\\": \\"no\\", \\"frustration\\": \\"none\\"}"}},\n' "$1" "$1"; }
{
  echo '{"fixtures": ['
  for wish in 'cook a soup' 'write a poem' 'fix a python script'; do facets "$wish"; done
  echo '{"match": {"userMessage": "e"}, "response": {"content": "no form at all"}}]}'
} >"$work/fixtures.json"
aimock
sed -e "s|use: model/openai, |&base_url: \"$base/v1\", dimensions: send, |; s/OPENAI_API_KEY/CLIO_TEST_KEY/; s/limits: {/& $limits, give_up: 31, /" \
  -e 's/, attempts: 30, give_up: 30//; s/in_flight: 8, \(.*\)in_flight: [0-9]* }/\1in_flight: 8 }/' \
  -e '/^  audit:/d; s/from: audit/from: rules/; s/^privacy:/budget: { free: [small, large, vectors] }\n&/; s|@facets|@'"$CLIO_SRC"'/configs/facets|g' \
  "$CLIO_SRC/configs/openai.yaml" >"$work/shipped.yaml"
clio run "$work/shipped.yaml" -i "$work/in.jsonl" -o "$work/shipped"
want_code 0 'the shipped graph'
jq -e '[.clusters[] | select(.level == 0 and .name != null)] | length >= 2' "$work/shipped/release/clusters.json" >/dev/null ||
  fail "the shipped graph: $(jq -c '[.clusters[] | [.level, .name, .conversations]]' "$work/shipped/release/clusters.json")"
grep -q 'no form at all' "$work/shipped/release/clusters.json" && fail 'an answer of the wrong form is in the release'
stop_servers

# mock-llm has no embeddings of its own.
cat >"$work/mock-llm.yaml" <<'END'
rules:
  - path: "/v1/chat/completions"
    match: "contains(body.messages[-1].content, 'What is asked for')"
    response:
      status: 200
      content: |
        {"id": "chatcmpl-{{timestamp}}", "object": "chat.completion", "model": "{{jmes request body.model}}",
         "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant",
           "content": "{\"a\": \"a text\", \"b\": \"y\", \"c\": 3, \"d\": false}"}}]}
END
port=$(free_port)
base=http://127.0.0.1:$port
serve "$port" env PORT="$port" HOST=127.0.0.1 node "$modules/@dwmkerr/mock-llm/dist/main.js" --config "$work/mock-llm.yaml"
graph "use: model/openai, base_url: \"$base/v1\"" 'use: embedder/lsa'
sed -i '/^  emb:/d; s/, emb\]/]/' "$work/graph.yaml"
run mock-llm
grep -rlF "$CLIO_TEST_KEY" "$work"/openai "$work"/anthropic* "$work"/mock-llm && fail 'the key lies in the files above'
finish
