#!/bin/sh
# plan.sh - clio plan counts what a run would ask of its models, asks nobody and needs no key, and leaves
# nothing behind; a model without a price has tokens and no money.
. "$CLIO_SRC/tests/e2e/lib.sh"
unset OPENAI_API_KEY
TMPDIR=$work
export TMPDIR

# graph BASE_URL MODEL BUDGET: the demo, its vectors by that model
graph() {
  cat <<END
clio: 1
name: demo
privacy: { mode: public, public: made by source/synthetic, declassify: [basic, request], round: 1 }
models:
  emb:
    use: model/openai
    base_url: "$1"
    model: $2
    key: OPENAI_API_KEY
    limits: { requests_per_minute: 60 }
budget: $3
stages:
  conversations: { use: source/synthetic, conversations: 1500 }
  basic: { use: extractor/basic, from: conversations }
  request: { use: summarizer/extractive, from: basic }
  vectors: { use: embedder/model, from: request, column: request, model: emb, dimension: 16 }
  clusters: { use: clusterer/kmeans, from: vectors }
  tree: { use: hierarchizer/ward, from: clusters }
  names: { use: namer/keyphrase, from: tree }
  cells: { use: aggregator/threshold, from: names, columns: [turns] }
  audit: { use: auditor/rules, from: cells }
  json: { use: report/json, from: audit }
END
}

openai=https://api.openai.com/v1
graph $openai text-embedding-3-small "{ max_cost: 5 }" >"$work/known.yaml"
ls -A "$work" >"$work.before"
clio plan "$work/known.yaml"
want_code 0 "a plan"
ls -A "$work" | grep -v -e '^out$' -e '^err$' >"$work.after"
grep -v -e '^out$' -e '^err$' "$work.before" | cmp - "$work.after" || fail "the plan leaves something behind"
rm -f "$work.before" "$work.after"
grep -q '^1,500 conversations would be used; ' "$work/out" || fail "no conversations: $(cat "$work/out")"
grep -q '^vectors  *emb (text-embedding-3-small)  *[0-9]' "$work/out" || fail "no stage: $(cat "$work/out")"
grep -q '^  vectors  *as a batch (within a day)  ' "$work/out" || fail "no batch: $(cat "$work/out")"

clio plan "$work/known.yaml" --json --quiet
want_code 0 "--json"
[ -s "$work/err" ] && fail "--quiet says $(cat "$work/err")"
if command -v jq >/dev/null; then
  jq -e '.conversations == 1500 and .stopped == null and .plan.usd.low > 0 and
    .plan.usd.high > .plan.usd.low and .plan.usd.high < 0.01 and .plan.stages[0].stage == "vectors" and
    .plan.stages[0].calls == .plan.calls and (.plan.seconds.low - .plan.calls | fabs) < 2 and
    (.plan.stages[0].ways.batch.usd.low * 2 - .plan.usd.low | fabs) < 0.0001' \
    "$work/out" >/dev/null || fail "--json: $(cat "$work/out")"
fi

# Nobody knows what this one costs: tokens are told, no dollars; and a budget of money cannot be held.
graph https://models.example/v1 own-embedder null >"$work/unknown.yaml"
clio plan "$work/unknown.yaml"
want_code 0 "an unknown price"
grep -q 'unknown' "$work/out" || fail "an unknown price is not told: $(cat "$work/out")"
grep -q '\$' "$work/out" && fail "an unknown price has dollars: $(cat "$work/out")"
graph https://models.example/v1 own-embedder "{ max_cost: 5 }" >"$work/budget.yaml"
clio plan "$work/budget.yaml"
want_code 78 "a budget for an unknown price"
want_err "budget.max_cost cannot be held: the price of 'own-embedder'" "a budget for an unknown price"
graph https://models.example/v1 own-embedder "{ max_cost: 5, free: emb }" >"$work/free.yaml"
clio plan "$work/free.yaml"
want_code 0 "a free model"
grep -q '^all .*\$0\.00' "$work/out" || fail "a free model costs: $(cat "$work/out")"

# Four things asked of each conversation at once; one by one, and from the cache, they would cost more.
mkdir "$work/plugins"
# shellcheck disable=SC2086
if $CC -std=c11 -fPIC -shared -fvisibility=hidden -I"$CLIO_SRC/sdk" -o "$work/plugins/asker.so" "$CLIO_SRC/tests/e2e/asker.c"; then
  graph $openai gpt-4.1-mini null | sed -e 's/declassify: \[/&asker, /' -e 's/from: basic }/from: asker }/' \
    -e 's/^  request:/  asker: { use: extractor\/asker, from: basic, model: emb }\n&/' \
    -e 's/embedder\/model, from: request, column: request, model: emb, dimension: 16/embedder\/lsa, from: request, column: request/' \
    >"$work/asker.yaml"
  CLIO_PLUGIN_PATH=$CLIO_PLUGIN_PATH:$work/plugins
  export CLIO_PLUGIN_PATH
  clio plan "$work/asker.yaml" --json --quiet
  want_code 0 "a chat"
  if command -v jq >/dev/null; then
    jq -e '.plan.calls == 1500 and .plan.stages[0].role == "emb" and .plan.tokens_out.low > 1500 * 20 and
      .plan.stages[0].ways.separate.calls == 6000 and
      .plan.stages[0].ways.fused.usd.high == .plan.usd.high and
      .plan.stages[0].ways.separate.usd.high > .plan.usd.high and
      .plan.stages[0].ways.batch.usd.high < .plan.usd.high * 0.51' \
      "$work/out" >/dev/null || fail "a chat: $(cat "$work/out")"
  fi
else
  fail "the test's extractor cannot be compiled"
fi

clio plan "$CLIO_SRC/configs/demo.yaml"
want_code 0 "a graph without models"
grep -q '^no model is asked: the run costs nothing$' "$work/out" || fail "no models: $(cat "$work/out")"
clio plan "$CLIO_SRC/configs/local.yaml" -i "$work/none.jsonl"
want_code 74 "no input"
ls -d "$work"/clio-plan-* 2>/dev/null && fail "a failed plan leaves its folder"
finish
