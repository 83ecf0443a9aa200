# npm_lib.sh - programs from npm for tests: installed below the build tree once, or found in the folder
# that CLIO_NPM names. Sourced behind lib.sh; skips the script where npm is out of reach.
servers=

skip() {
  echo "skipped: $1"
  exit 77
}
stop_servers() {
  for pid in $servers; do kill "$pid" 2>/dev/null; done
  servers=
}
trap 'stop_servers; rm -rf "$work"' EXIT

# npm_need FOLDER PACKAGE@VERSION...: $modules is where they are
npm_need() {
  npm_folder=$1 && shift
  command -v curl >/dev/null && command -v npm >/dev/null && command -v node >/dev/null || skip 'no node, npm or curl'
  for modules in "${CLIO_NPM:-none}" "$CLIO_BUILD/tests/npm/$npm_folder"; do
    modules=$modules/node_modules
    for package in "$@"; do [ -d "$modules/${package%@*}" ] || continue 2; done
    return
  done
  modules=$CLIO_BUILD/tests/npm/$npm_folder
  mkdir -p "$modules"
  timeout 400 npm install --prefix "$modules" --no-audit --no-fund --omit=optional "$@" >"$work/npm" 2>&1 || {
    rm -rf "$modules"
    skip "npm cannot install $*"
  }
  modules=$modules/node_modules
}

# serve PORT COMMAND...: runs it in the background until something listens on PORT
serve() {
  listens=$1 && shift
  "$@" >"$work/served.$listens" 2>&1 &
  servers="$servers $!"
  for _ in $(seq 240); do
    curl -s -m 5 -o "$work/none" "http://127.0.0.1:$listens/" && return
    kill -0 $! 2>/dev/null || break
    sleep 0.25
  done
  tail -3 "$work/served.$listens"
  fail "$1 does not come up"
  finish
}
free_port() { node -e 's = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }
