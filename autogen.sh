#!/bin/sh
# autogen.sh - everything from a fresh clone.
#
#   ./autogen.sh [CONFIGURE OPTIONS]   bootstrap and configure
#   ./autogen.sh demo                  install what is missing, build, run the demo, show its tree
#   ./autogen.sh check                 install what is missing, build, run the tests
#
# demo and check need Debian 12 (or a relative of it) and install Debian packages as root or with sudo;
# without either they print the exact command and stop. CONFIGURE OPTIONS may follow them too.
set -e
cd "$(dirname "$0")"

packages="autoconf automake libtool make gcc g++ pkg-config libglib2.0-dev libjson-c-dev libyaml-dev
 libsqlite3-dev libicu-dev libpcre2-dev zlib1g-dev libzstd-dev libstemmer-dev libcld2-dev
 libopenblas-dev liblapacke-dev libcunit1-dev libglpk-dev"
extra_for_check="clang-format jq binutils file"

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
  demo
  ;;
check)
  shift
  # shellcheck disable=SC2086
  install_packages $packages $extra_for_check
  build "$@"
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
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  ;;
*)
  autoreconf -fi
  ./configure "$@"
  ;;
esac
