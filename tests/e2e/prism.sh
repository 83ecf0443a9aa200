#!/bin/sh
# prism.sh - requests of model/openai and model/anthropic against the two providers' own descriptions
# of their APIs: Prism (npm, @stoplight/prism-cli) checks each request and answers with an example,
# which the models then read. Skipped where npm or the descriptions are out of reach. CLIO_NPM names a
# folder whose node_modules hold Prism; otherwise it is installed below the build tree, once.
. "$CLIO_SRC/tests/e2e/lib.sh"
tool=$CLIO_BUILD/tests/model/wire_cli
openai=$CLIO_SHARED/data/openapi-openai/openai-trimmed-prism.json
anthropic=$CLIO_SHARED/data/openapi-anthropic/anthropic_openapi_curated.yaml
npm_folder=${CLIO_NPM:-$CLIO_BUILD/tests/npm}
prism=$npm_folder/node_modules/.bin/prism
servers=

skip() {
  echo "skipped: $1"
  exit 77
}
stop() {
  for pid in $servers; do kill "$pid" 2>/dev/null; done
  rm -rf "$work"
}
trap stop EXIT

[ -f "$openai" ] && [ -f "$anthropic" ] || skip "the API descriptions are not here (CLIO_SHARED)"
command -v curl >/dev/null && command -v npm >/dev/null || skip "no curl or no npm"
if [ ! -x "$prism" ]; then
  mkdir -p "$npm_folder"
  timeout 240 npm install --prefix "$npm_folder" --no-audit --no-fund @stoplight/prism-cli >"$work/npm" 2>&1 ||
    skip "npm cannot install @stoplight/prism-cli"
fi

# The description of a tool is 'exactly one of seven', of which two demand nothing, so that no tool
# ever fits exactly one: read as 'any of'.
awk '/^    Tool:/ { tool = 1 } tool && sub("oneOf:", "anyOf:") { tool = 0 } { print }' "$anthropic" >"$work/a.yaml"

# serve NAME PORT SPEC: a mock server
serve() {
  "$prism" mock -p "$2" "$3" >"$work/$1.log" 2>&1 &
  servers="$servers $!"
  echo "$2" >"$work/$1.port"
}
base=$((20000 + $$ % 20000))
serve openai $base "$openai"
serve anthropic $((base + 1)) "$work/a.yaml"
for name in openai anthropic; do
  for _ in $(seq 240); do
    grep -q 'Prism is listening' "$work/$name.log" && break
    sleep 0.5
  done
  grep -q 'Prism is listening' "$work/$name.log" || {
    tail -3 "$work/$name.log"
    skip "Prism does not come up"
  }
done

# post CASE FILE: the body in FILE to the case's path; the status in $status, the reply in $work/reply
post() {
  url=$(sed -n 1p "$work/built")
  key=$(sed -n 2p "$work/built")
  port=$(cat "$work/${1%%/*}.port")
  status=$(curl -s -m 30 -o "$work/reply" -w '%{http_code}' -H 'content-type: application/json' \
    -H "${key}test" --data-binary "@$2" "http://127.0.0.1:$port/${url#https://*/v1/}")
}

count=0
for case in $("$tool" list); do
  "$tool" build "$case" >"$work/built" || fail "$case: not built"
  sed -n 3p "$work/built" >"$work/body"
  post "$case" "$work/body"
  [ "$status" = 200 ] || {
    fail "$case: status $status"
    head -c 600 "$work/reply"
    echo
  }
  outcome=$("$tool" parse "$case" "$status" "$work/reply") || fail "$case: the example is not read"
  echo "$case: $status, outcome $outcome"
  count=$((count + 1))
done
[ "$count" -ge 12 ] || fail "only $count requests"

# Does Prism see mistakes at all? A role that does not exist, a text for a number.
for case in openai/plain anthropic/plain; do
  "$tool" build "$case" >"$work/built"
  sed -n 3p "$work/built" | sed 's/"role":"user"/"role":"robot"/' >"$work/body"
  post "$case" "$work/body"
  [ "$status" = 422 ] || fail "$case: a role that does not exist passes with $status"
  sed -n 3p "$work/built" | sed 's/tokens":50/tokens":"many"/' >"$work/body"
  post "$case" "$work/body"
  [ "$status" = 422 ] || fail "$case: a text for a number passes with $status"
done
finish
