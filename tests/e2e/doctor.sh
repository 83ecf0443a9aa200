#!/bin/sh
# doctor.sh - clio doctor finds what is taken away from it: plugins, data, a stage, a secret; and an open key.
. "$CLIO_SRC/tests/e2e/lib.sh"
unset CLIO_PROJECT_KEY
mkdir "$work/p"
cd "$work/p" || exit 99
finds() { # finds LEVEL SUBJECT TEXT WHAT: that line was printed
  grep -qE "^$1 +$2 .*$3" "$work/out" || fail "$4: no '$1 $2 ... $3' in: $(cat "$work/out")"
}
export COLUMNS=999

clio doctor
want_code 0 "doctor"
for subject in plugins data libraries blas machine locale project key; do finds "(ok|warn)" $subject "" doctor; done
COLUMNS=80 clio doctor
[ "$(wc -L <"$work/out")" -le 80 ] || fail "a line is wider than 80 columns"
grep -q "$(printf '\033')" "$work/out" && fail "colours where there is no terminal"
export COLUMNS=999

CLIO_DATA_PATH=$work/p clio doctor
want_code 1 "no data"
finds fail data "" "no data"
CLIO_PLUGIN_PATH=$work/p clio doctor
want_code 1 "no plugins"
finds fail plugins "no stages in" "no plugins"
mkdir plugs && echo junk >plugs/x.so
CLIO_PLUGIN_PATH=$CLIO_PLUGIN_PATH:$work/p/plugs clio doctor
want_code 0 "a file that is no plugin"
finds warn plugins "no stages in .*plugs" "a file that is no plugin"
finds warn plugins "refused .*x.so" "a file that is no plugin"

mkdir .clio && echo 00112233445566778899aabbccddeeff >.clio/key && chmod 700 .clio && chmod 644 .clio/key
clio doctor
want_code 1 "an open key"
finds fail key "mode 0644.*chmod 600" "an open key"
chmod 600 .clio/key
clio doctor
want_code 0 "a closed key"
finds ok key "mode 0600" "a closed key"

clio doctor "$CLIO_SRC/configs/local.yaml"
want_code 0 "doctor of the shipped graph"
sed 's|^stages:|models: { small: { use: model/openai, key: CLIO_TEST_SECRET } }\n&|; s|extractor/basic|extractor/nonesuch|' \
  "$CLIO_SRC/configs/local.yaml" >graph.yaml
clio doctor graph.yaml
want_code 1 "a stage that is not installed"
finds fail graph "stage 'basic' needs extractor/nonesuch" "a stage that is not installed"
finds fail secrets "CLIO_TEST_SECRET is not set" "a secret that is not set"
CLIO_TEST_SECRET=hush clio doctor graph.yaml
finds ok secrets "CLIO_TEST_SECRET is set" "a secret that is set"
grep -q hush "$work/out" && fail "the secret was printed"
clio doctor no-such-graph.yaml
want_code 1 "no graph"

clio doctor --json
want_code 0 "--json"
if command -v jq >/dev/null; then
  jq -e '.ok and (.findings | length > 7) and all(.findings[]; .level | IN("ok", "warn", "fail"))' \
    "$work/out" >/dev/null || fail "--json: $(cat "$work/out")"
fi
finish
