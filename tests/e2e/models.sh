#!/bin/sh
# models.sh - models of a graph: the stanzas that the plugins' help prints pass check without a key,
# and what cannot work is refused at its place, in words.
. "$CLIO_SRC/tests/e2e/lib.sh"

# graph MODELS: a graph with these models and nothing that asks them but one stage
graph() {
  cat >"$work/graph.yaml" <<EOF
clio: 1
name: models
models:
  small: { use: model/replay, otherwise: make }
$1
privacy:
  mode: public
  public: made-up conversations
  declassify: [request]
stages:
  conversations: { use: source/synthetic, conversations: 100 }
  request:  { use: summarizer/extractive, from: conversations }
  vectors:  { use: embedder/model, from: request, model: small, dimension: 128 }
  clusters: { use: clusterer/kmeans, from: vectors }
  names:    { use: namer/keyphrase, from: clusters }
  audit:    { use: auditor/rules, from: names }
  json:     { use: report/json, from: audit }
EOF
}

# What stands first in each help is a stanza: "NAME: { use: model/..., ... }".
unset OPENAI_API_KEY ANTHROPIC_API_KEY
for model in anthropic openai ollama replay; do
  clio inspect "model/$model" --json
  stanza=$(grep -o '"help": *"[a-z]*: { use: model/[^}]*}' "$work/out" | head -1 |
    sed 's/.*"help": *"[a-z]*:/  example:/')
  [ -n "$stanza" ] || fail "model/$model: its help begins with no stanza"
  : >"$work/answers.jsonl"
  graph "$stanza"
  clio check "$work/graph.yaml"
  want_code 0 "check of the stanza of model/$model"
done

refused() { # refused STANZA TEXT
  graph "  other: $1"
  clio check "$work/graph.yaml"
  want_code 78 "check of $1"
  want_err "$2" "check of $1"
}
refused '{ use: model/ollama, model: m, base_url: "http://gpu.example:11434" }' \
  "model 'other': base_url: http is for servers on this machine only; use https"
refused '{ use: model/openai, model: m }' \
  "model 'other': key: api.openai.com wants one; name the environment variable that holds it, such as OPENAI_API_KEY"
refused '{ use: model/openai, model: m, base_url: "http://127.0.0.1:1/v1", extra: "[1]" }' \
  "model 'other': extra: not the text of a JSON object"
refused '{ use: model/anthropic, model: m, headers: ["x-api-key: sk-secret-1"] }' \
  "model 'other': headers: 'x-api-key' is set by clio; a key's variable is named as key"
refused '{ use: model/anthropic, model: m, key: "sk-ant-secret-2" }' "'key' holds a secret itself; put it into an environment variable and give that variable's name"
grep -q 'sk-ant-secret-2' "$work/err" "$work/out" && fail "a key given in the graph is repeated"
refused '{ use: model/anthropic, model: m, thinking: budget }' \
  "model 'other': thinking_tokens: a budget for thinking is 1,024 tokens or more"
finish
