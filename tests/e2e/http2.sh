#!/bin/sh
# http2.sh - a graph that asks its model over HTTP/2 (limits: { http2: true }), against a server of node's:
# many requests share few connections, and a connection that goes away or streams that are reset lose nothing.
# Skipped where node, openssl or a libcurl with HTTP/2 is absent.
. "$CLIO_SRC/tests/e2e/lib.sh"
for tool in node openssl jq; do
  command -v $tool >/dev/null || {
    echo "skipped: no $tool"
    exit 77
  }
done
curl --version 2>/dev/null | grep -q HTTP2 || {
  echo 'skipped: libcurl has no HTTP/2'
  exit 77
}
export CLIO_TEST_KEY=sk-not-a-key
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
export SSL_CERT_FILE="$work/cert.pem"

start() { # start LATENCY SETTINGS...
  mkfifo "$work/feed"
  node "$CLIO_SRC/tests/e2e/h2_server.mjs" "$work/cert.pem" "$work/key.pem" "$@" <"$work/feed" >"$work/server" 2>&1 &
  exec 9>"$work/feed"
  for _ in $(seq 200); do
    port=$(sed -n 's/^listening on //p' "$work/server")
    [ -n "$port" ] && return
    sleep 0.05
  done
  fail "the server does not start: $(cat "$work/server")"
}
stop() { # its counts are in $work/seen
  exec 9>&-
  wait
  rm "$work/feed"
  tail -1 "$work/server" >"$work/seen"
}
run() { # run NAME HTTP2: the demo, its vectors from that server
  sed -e "s/^stages:/models: { vec: { use: model\/openai, base_url: \"https:\/\/localhost:$port\/v1\", model: m, key: CLIO_TEST_KEY, limits: { in_flight: 64, attempts: 30, give_up: 60, http2: $2 } } }\nbudget: { free: vec }\n&/" \
    -e 's/use: \[embedder\/blend, embedder\/lsa\]/use: embedder\/model, model: vec, dimension: 16/' \
    "$CLIO_SRC/configs/demo.yaml" >"$work/graph.yaml"
  clio run "$work/graph.yaml" -o "$work/$1" --batch-rows 1024
  want_code 0 "$1"
  [ "$(jq .unanswered "$work/$1/manifest.json")" = 0 ] || fail "$1: some got no answer"
}
is() { jq -e "$1" "$work/seen" >/dev/null || fail "$2: $(cat "$work/seen")"; }
same() {
  jq -S 'del(.run.graph_hash)' "$work/one/release/clusters.json" >"$work/a.json"
  jq -S 'del(.run.graph_hash)' "$work/$1/release/clusters.json" | cmp -s - "$work/a.json" || fail "$1 differs from HTTP/1.1"
}

start 40
run one false
stop
is '.requests > 20 and .http1 == .requests' 'HTTP/1.1 where nothing else was asked for'
start 40
run two true
stop
same two
is '.http1 == 0 and .requests > 20' 'HTTP/2'
is '.connections <= 2 and .most > 2' 'streams share a connection'
start 20 goaway=7
run away true
stop
same away
is '.goaways > 2 and .http1 == 0' 'connections that go away'
start 20 reset=5
run reset true
stop
same reset
is '.resets > 3' 'streams that are reset'
jq -e '.models.attempts.unknown > 0' "$work/reset/manifest.json" >/dev/null || fail 'a reset stream is not counted as unknown'
finish
