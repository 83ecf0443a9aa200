#!/bin/sh
# waits.sh - what is said while a model is asked: who does not answer, at which address, what was seen of it
# and what is waited for, while it is waited; what moves on a terminal; and that nobody is asked for a key or
# reached for what is answered already.
. "$CLIO_SRC/tests/e2e/lib.sh"
. "$CLIO_SRC/tests/e2e/wire_lib.sh"
start_server
address=http://127.0.0.1:$port/v1/embeddings
stop_server

# while_waiting TEXT WHAT: the running clio says TEXT, and runs on
while_waiting() {
  for _ in $(seq 200); do
    grep -qF -- "$1" "$work/err" && break
    sleep 0.05
  done
  want_err "$1" "$2"
  kill -0 "$run" 2>/dev/null || fail "$2: clio did not wait"
}
begin() { # begin OUT: runs on in the background as $run
  "$CLIO" run "$work/graph.yaml" -o "$work/$1" >"$work/out" 2>"$work/err" &
  run=$!
}
end() { # end CODE WHAT
  wait "$run"
  code=$?
  want_code "$1" "$2"
}

# ---- nobody there: said at once, and it goes on when somebody comes ----
graph 'in_flight: 4, give_up: 30'
begin late
while_waiting "warning: model 'vec' ($address): no connection: refused; " 'nobody there'
want_err 'gives up in ' 'nobody there'
start_server
end 0 'somebody came'

# ---- a server that fails, one that says when to come back, one that says nothing ----
stop_server
start_server --fault 503=1
graph 'in_flight: 4, give_up: 30'
begin failing
while_waiting "model 'vec' ($address): HTTP 503 (overloaded): the server failed; " 'a failing server'
kill -TERM "$run"
end 143 'a failing server, stopped'
stop_server
start_server --fault 429=1
begin limited
while_waiting "model 'vec' ($address): HTTP 429 " 'too many requests'
kill -TERM "$run"
end 143 'too many requests, stopped'
[ "$(grep -c "warning: model 'vec'" "$work/err")" = 1 ] || fail 'the same trouble is told more than once in half a minute'
stop_server

# ---- a limit per minute ----
start_server
graph 'in_flight: 4, requests_per_minute: 10, input_tokens_per_minute: 400'
begin slow
while_waiting 'rate limit: input tokens' 'a limit of tokens'
kill -TERM "$run"
end 143 'a limit of tokens, stopped'

# ---- on a terminal ----
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
  stop_server
  start_server --latency 300
  graph 'in_flight: 2'
  TERM=xterm script -qec "stty cols 160; $CLIO run $work/graph.yaml -o $work/terminal" /dev/null >"$work/seen"
  grep -q 'models  *vec [0-9,]*/[0-9,]*, [0-9,]*/s, [12] in flight.*tokens, \$0.00' "$work/seen" ||
    fail "no line moves on a terminal: $(tr '\r' '\n' <"$work/seen" | tail -3)"
  grep -qF "$CLIO_TEST_KEY" "$work/seen" && fail 'the key is on the terminal'
  grep -q "answers by model 'vec', " "$work/seen" || fail 'no line at the end of the step'
fi

# ---- what is answered needs neither key nor server ----
stop_server
start_server
graph 'in_flight: 8'
clio run "$work/graph.yaml" -o "$work/kept"
want_code 0 'a plain run'
stop_server
cp "$work/kept/release/clusters.json" "$work/first.json"
clio purge "$work/kept" --keep-ledger --yes
want_code 0 'purge'
(
  unset CLIO_TEST_KEY
  clio run "$work/graph.yaml" -o "$work/kept"
  want_code 0 'all out of the ledger'
  want_err 'models: 0 asked, 1,200 from the ledger' 'all out of the ledger'
  graph 'in_flight: 8' -e 's/clusterer\/kmeans,/clusterer\/kmeans, k: 12,/'
  clio run "$work/graph.yaml" -o "$work/kept"
  want_code 0 'another k'
  graph 'in_flight: 8' -e 's/dimension: 16/dimension: 17/'
  clio run "$work/graph.yaml" -o "$work/kept"
  want_code 78 'a new question without a key'
  want_err 'CLIO_TEST_KEY, which is not set' 'a new question without a key'
  exit "$failures"
) || failures=$((failures + 1))

# ---- what to change ----
start_server --fault wrong_dim=1
graph 'in_flight: 8'
clio run "$work/graph.yaml" -o "$work/dim"
want_code 78 'vectors of another length'
want_err "the model's vectors have 17 numbers, and 'dimension' says 16; set the dimension that the model has" 'vectors of another length'
stop_server
start_server --fault 401=1
clio run "$work/graph.yaml" -o "$work/wrong"
want_code 78 'a wrong key'
want_err 'see that CLIO_TEST_KEY holds a key of this provider' 'a wrong key'
grep -qF 'same command' "$work/err" && fail 'a wrong key is not mended by the same command'
stop_server
start_server --fault 400=0.3
graph 'in_flight: 8, attempts: 2'
clio run "$work/graph.yaml" -o "$work/many"
want_code 1 'three in ten without answer'
want_err 'more than max_bad_rows (1 %) allows; its model left questions without answer' 'three in ten without answer'
stop_server
graph 'in_flight: 8' -e 's/budget: { free: vec }/budget: {}/; s/base_url: [^,]*, model: m/model: text-embedding-3-small/'
start_server
clio run "$work/graph.yaml" -o "$work/tiny" --max-cost 0.000001
want_code 5 'a millionth of a dollar'
want_err 'the budget is reached: $0.00 of $0.000001 is spent, and the next request may cost $0.00' 'a millionth of a dollar'

# ---- a model nobody asks ----
sed 's/^models: { /&idle: { use: model\/replay, otherwise: make }, /' "$work/graph.yaml" >"$work/idle.yaml"
clio check "$work/idle.yaml"
want_code 0 'an idle model'
want_err "no stage asks model 'idle'" 'an idle model'
finish
