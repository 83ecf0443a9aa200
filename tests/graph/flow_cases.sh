#!/bin/sh
# flow_cases.sh [--update] - a graph in, and what the built `clio check` says: its exit code, stderr
# and stdout, byte for byte. The stages are those of probes.c, so that no bundled plugin can change
# an answer. A case tests/graph/flow/NAME.yaml may hold lines '#! args ...': more arguments.
# NAME.expect is the answer; --update writes them all, to be read before they are believed.
set -u
cases=$CLIO_SRC/tests/graph/flow
CLIO_PLUGIN_PATH=$CLIO_BUILD/tests/graph
export CLIO_PLUGIN_PATH
got=$(mktemp -d)
trap 'rm -rf "$got"' EXIT
cd "$cases" || exit 1
failed=0
count=0
for graph in *.yaml; do
  [ -f "$graph" ] || continue
  name=${graph%.yaml}
  args=$(sed -n 's/^#! args //p' "$graph")
  # shellcheck disable=SC2086  # args are words
  "$CLIO" check $args "$graph" >"$got/out" 2>"$got/err"
  { echo "exit $?" && sed "s|$CLIO_PLUGIN_PATH|PLUGINS|g" "$got/err" && echo '--- stdout' && cat "$got/out"; } >"$got/all"
  [ "${1-}" = --update ] && cp "$got/all" "$name.expect"
  if ! diff -u "$name.expect" "$got/all"; then
    echo "FAIL $graph"
    failed=$((failed + 1))
  fi
  count=$((count + 1))
done
echo "$count cases, $failed failed"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
