#!/bin/sh
# resume_input.sh - an input is known by its bytes: touched or moved it is the same, with one line more it is
# another; what can be read only once is read again, and only that.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v jq >/dev/null || { echo "skipped: no jq"; exit 77; }
awk 'BEGIN {
  split("bread oven flour yeast dough loaf|train ticket station delay platform seat|guitar chord string tune melody verse", topic, "|")
  for (i = 0; i < 900; i++) {
    n = split(topic[i % 3 + 1], w, " ")
    printf "{\"id\":\"c%d\",\"account_id\":\"a%d\",\"messages\":[{\"role\":\"user\",\"content\":\"How does the %s go with a %s and the %s?\"}]}\n",
      i, i * 7 % 300, w[i % n + 1], w[(i + 1) % n + 1], w[int(i / 6) % n + 1]
  }
}' >"$work/in.jsonl"
out=$work/p/out

run_on() { # run_on INPUT WHAT
  clio run "$CLIO_SRC/configs/local.yaml" -i "$1" -o "$out" --json
  want_code 0 "$2"
  ran=$(jq -r '[.stages[] | select(.reused | not) | .id] | join(" ")' "$work/out")
}

run_on "$work/in.jsonl" "the first run"
cp -r "$out/release" "$work/ref"
sum=$(sha256sum <"$work/in.jsonl" | cut -d' ' -f1)
[ "$(jq -r .input_sha256 "$out/manifest.json")" = "$sum" ] || fail "another sha256 of the input"
touch "$work/in.jsonl"
run_on "$work/in.jsonl" "touched"
[ -z "$ran" ] || fail "touched: ran '$ran'"
mv "$work/in.jsonl" "$work/moved.jsonl"
run_on "$work/moved.jsonl" "moved"
[ -z "$ran" ] || fail "moved: ran '$ran'"
rm -rf "$out/release"
run_on "$work/moved.jsonl" "release removed"
[ "$ran" = "json csv" ] || fail "release removed: ran '$ran'"
[ "$(jq -r .input_sha256 "$out/manifest.json")" = "$sum" ] || fail "the input's sha256 was forgotten"

for i in 1 2; do
  clio run "$CLIO_SRC/configs/local.yaml" -i - -o "$out" --json <"$work/moved.jsonl"
  want_code 0 "standard input, $i"
  ran=$(jq -r '[.stages[] | select(.reused | not) | .id] | join(" ")' "$work/out")
  case $ran in "conversations basic language"*"json csv") ;; *) fail "standard input, $i: ran '$ran'" ;; esac
  case $ran in *sample* | *clusters* | *names*) fail "standard input, $i: ran '$ran'" ;; esac
  diff -r "$work/ref" "$out/release" >/dev/null || fail "standard input, $i: other bytes"
done

printf 'no JSON\n' >>"$work/moved.jsonl"
run_on "$work/moved.jsonl" "one line more"
case $ran in "conversations sample"* | "conversations basic"*) ;; *) fail "one line more: ran '$ran'" ;; esac
[ "$(jq -r '.stages[] | select(.id == "conversations") | .why' "$work/out")" = "input changed" ] ||
  fail "one line more: not said"
case $ran in *clusters*) fail "one bad line more came out the same, and clusters ran" ;; esac
[ "$(jq .bad "$work/out")" = 1 ] || fail "the bad line was not counted"
rm -rf "$out/release"
run_on "$work/moved.jsonl" "with a bad line, again"
[ "$(jq .bad "$work/out")" = 1 ] || fail "the bad line was forgotten"
finish
