#!/bin/sh
# inspect.sh - clio inspect over every installed stage: 80 columns, no control
# bytes, the file's true hash, JSON that parses, a schema that takes our graphs.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

narrow() { # no line over 80 columns, no escape
  [ "$(LC_ALL=C.UTF-8 wc -L <"$1")" -le 80 ] || fail "$1 is wider than 80 columns: $(cat "$1")"
  ! grep -q "$(printf '\033')" "$1" || fail "$1 holds an escape"
}

"$CLIO" inspect >list
narrow list
"$CLIO" inspect --json >list.json
sed -n 's/^ *"kind": "\(.*\)",$/\1/p' list.json >kinds
sed -n 's/^ *"name": "\(.*\)",$/\1/p' list.json >names
paste -d/ kinds names >stages
[ -s stages ] || fail "no stages are installed"

while read -r stage; do
  "$CLIO" inspect "$stage" >out || fail "inspect $stage"
  narrow out
  for word in Plugin ABI sha256 licence threads Parameters; do
    grep -q "$word" out || fail "inspect $stage does not say $word"
  done
  "$CLIO" inspect "$stage" --json >out.json
  file=$(sed -n 's/^    "file": "\(.*\)",$/\1/p' out.json)
  hash=$(sed -n 's/^ *"sha256": "\(.*\)"$/\1/p' out.json)
  [ "$(sha256sum "$file" | cut -d' ' -f1)" = "$hash" ] || fail "the hash of $stage is wrong"
done <stages

rc=0
"$CLIO" inspect sampler/randm >out 2>err || rc=$?
[ $rc -eq 78 ] || fail "an unknown stage exits $rc, not 78"
grep -q "did you mean 'sampler/random'?" err || fail "no suggestion: $(cat err)"
rc=0
"$CLIO" inspect --schema sampler/random >out 2>err || rc=$?
[ $rc -eq 2 ] || fail "--schema with a name exits $rc, not 2"

"$CLIO" inspect --schema >schema.json
"$CLIO" inspect --schema | cmp - schema.json || fail "the schema differs from run to run"
if python3 -c 'import jsonschema, yaml' 2>/dev/null; then
  python3 "$CLIO_SRC/tests/e2e/inspect_schema.py" schema.json stages "$CLIO_SRC"
else
  echo "note: no python3 with jsonschema and yaml; the schema was not tried on graphs"
fi
