#!/bin/sh
# wire.sh - a graph whose vectors come from a model over HTTP, against the fault server: what is asked, what
# is asked again, what faults, a budget and a kill do to it, and that the key shows nowhere.
. "$CLIO_SRC/tests/e2e/lib.sh"
. "$CLIO_SRC/tests/e2e/wire_lib.sh"
same() { # same OUT WHAT: the release of OUT is the plain run's
  cmp -s "$work/plain/release/clusters.json" "$1/release/clusters.json" || fail "$2: the release differs"
}
# What the ledger counted, and what the server gave in answers that arrived.
counted() { jq -c '[.models.tokens.input, .models.attempts.unknown]' "$work/$1/manifest.json"; }

# ---- a plain run; other threads and batches; a later stage changes ----
start_server
graph 'in_flight: 8'
clio run "$work/graph.yaml" -o "$work/plain" --threads 1
want_code 0 'a plain run'
want_err 'models: ' 'the line about models'
[ "$(tally .contents)" -gt 300 ] || fail 'the model was hardly asked'
[ "$(tally .answered_again)" = 0 ] || fail 'a text was asked for twice'
[ "$(counted plain)" = "[$(tally .in_tokens),0]" ] || fail "the ledger says $(counted plain), the server $(tally .in_tokens)"
clio run "$work/graph.yaml" -o "$work/threads" --threads 3 --batch-rows 7
want_code 0 'three threads'
same "$work/threads" 'one and three threads'
reset
graph 'in_flight: 8' -e 's/clusterer\/kmeans,/clusterer\/kmeans, k: 12,/'
clio run "$work/graph.yaml" -o "$work/plain2" && cp -r "$work/plain" "$work/kept"
reset
clio run "$work/graph.yaml" -o "$work/kept"
want_code 0 'another k'
[ "$(tally .requests)" = 0 ] || fail 'a later stage changed, and the model was asked again'

# ---- a budget of tokens: it stops, and goes on where it stopped ----
reset
graph 'in_flight: 2' -e 's/{ free: vec }/{ max_tokens: 3000 }/'
clio run "$work/graph.yaml" -o "$work/budget"
want_code 5 'a budget that is too small'
want_err 'the budget is reached' 'a budget that is too small'
first=$(tally .delivered)
[ "$(tally .in_tokens)" -le 3000 ] || fail "the budget was 3000 tokens and $(tally .in_tokens) were used"
graph 'in_flight: 8'
clio run "$work/graph.yaml" -o "$work/budget"
want_code 0 'the budget raised'
[ "$first" -gt 0 ] && [ "$(tally .answered_again)" = 0 ] || fail 'what the budget had paid for was asked again'
same "$work/budget" 'after a budget stop'

# ---- killed in the middle, twice ----
stop_server
start_server --latency 30
graph 'in_flight: 4'
for after in 0.6 0.9; do
  "$CLIO" run "$work/graph.yaml" -o "$work/killed" >/dev/null 2>&1 &
  run=$!
  sleep "$after"
  kill -9 "$run" 2>/dev/null
  wait "$run" 2>/dev/null
done
clio run "$work/graph.yaml" -o "$work/killed"
want_code 0 'after two kills'
same "$work/killed" 'after two kills'
again=$(tally .answered_again)
[ "$again" -le $((2 * 4 * 32)) ] || fail "$again texts were paid for twice, more than were in flight"

# ---- faults ----
stop_server
start_server --fault 500=0.05 --fault 429_ms=0.05 --fault truncated_json=0.05 --fault wrong_dim=0 --fault missing_item=0.05
graph 'in_flight: 8, attempts: 50'
clio run "$work/graph.yaml" -o "$work/faults"
want_code 0 'a faulty provider'
same "$work/faults" 'a faulty provider'

# ---- a plugin that cannot read one attempt's answer reads the next one's ----
stop_server
start_server
mkdir "$work/own"
${CC:-cc} -std=c11 -fPIC -shared -fvisibility=hidden -I"$CLIO_SRC/sdk" -o "$work/own/forgetful.so" "$CLIO_SRC/tests/e2e/forgetful.c" ||
  fail 'forgetful.c does not compile'
graph 'in_flight: 8'
sed -i 's/use: model\/openai,/use: model\/forgetful,/; s/ key: CLIO_TEST_KEY,//' "$work/graph.yaml"
CLIO_PLUGIN_PATH=$work/own:$CLIO_PLUGIN_PATH clio run "$work/graph.yaml" -o "$work/forgets"
want_code 0 'a plugin that forgets'
[ "$(jq .unanswered "$work/forgets/manifest.json")" = 0 ] || fail "a plugin that forgets: $(jq .unanswered "$work/forgets/manifest.json") without answer"
[ "$(tally .answered_again)" -gt 0 ] || fail 'a plugin that forgets: nothing was asked again'

# ---- a provider that answers some texts never: those have no vector, and are asked again next time ----
stop_server
start_server --fault 400=0.1
graph 'in_flight: 8, attempts: 2'
clio run "$work/graph.yaml" -o "$work/some"
want_err 'got no answer' 'some texts without answer'
[ "$(jq .unanswered "$work/some/manifest.json")" -gt 0 ] || fail 'the manifest knows of no unanswered text'
stop_server
start_server
clio run "$work/graph.yaml" -o "$work/some"
want_code 0 'asked again'
[ "$(tally .requests)" -gt 0 ] || fail 'what got no answer was not asked again'
same "$work/some" 'after all were answered'

# ---- a provider that is not there; a wrong key ----
stop_server
graph 'in_flight: 4, give_up: 1'
clio run "$work/graph.yaml" -o "$work/absent"
want_code 75 'a provider that is not there'
want_err "model 'vec' (http://127.0.0.1:$port/v1/embeddings): no connection: refused; " 'a provider that is not there'
start_server --fault 401=1
graph 'in_flight: 4'
clio run "$work/graph.yaml" -o "$work/wrong"
want_code 78 'a wrong key'
[ "$(tally .requests)" -le 2 ] || fail "a wrong key cost $(tally .requests) requests"
stop_server
(unset CLIO_TEST_KEY && clio run "$work/graph.yaml" -o "$work/nokey" && want_code 78 'no key' &&
  want_err 'CLIO_TEST_KEY, which is not set' 'no key' && exit "$failures") || failures=$((failures + 1))

# ---- the key is nowhere ----
grep -rlF "$CLIO_TEST_KEY" "$work" && fail 'the key lies in the files above'
finish
