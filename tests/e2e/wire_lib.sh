# wire_lib.sh - a graph whose vectors come from a model over HTTP, and the fault server that plays the
# model. Sourced behind lib.sh; skips the script where that server was not built.
server=$CLIO_BUILD/tests/server/fault_server
[ -x "$server" ] && command -v curl >/dev/null || {
  echo 'skipped: needs the fault server (libmicrohttpd-dev) and curl'
  exit 77
}
export CLIO_TEST_KEY=sk-very-secret-5f3a9c1e7b
trap 'exec 9>&-; rm -rf "$work"' EXIT

port=0
start_server() { # start_server ARGS...: $port is where it listens until stop_server; then the same again
  rm -f "$work/feed" && mkfifo "$work/feed"
  "$server" --port "$port" "$@" <"$work/feed" >"$work/port" 2>"$work/server.err" &
  exec 9>"$work/feed"
  port=0
  for _ in $(seq 100); do
    port=$(sed -n 's/^listening on //p' "$work/port")
    [ "${port:-0}" != 0 ] && return
    sleep 0.05
  done
  fail "the server does not start: $(cat "$work/server.err")"
}
stop_server() { exec 9>&-; wait; }
tally() { curl -s "http://127.0.0.1:$port/control/tally" | jq "$1"; }
reset() { curl -s -X POST "http://127.0.0.1:$port/control/reset" >/dev/null; }

graph() { # graph LIMITS EXPRESSION...: 1,200 synthetic conversations, vectors of 16 numbers by model/openai
  limits=$1 && shift
  sed -e "s/^stages:/models: { vec: { use: model\/openai, base_url: \"http:\/\/127.0.0.1:$port\/v1\", model: m, key: CLIO_TEST_KEY, limits: { $limits } } }\nbudget: { free: vec }\n&/" \
    -e 's/use: \[embedder\/blend, embedder\/lsa\]/use: embedder\/model, model: vec, dimension: 16/' \
    -e 's/conversations: 6000/conversations: 1200/' "$@" "$CLIO_SRC/configs/demo.yaml" >"$work/graph.yaml"
}
