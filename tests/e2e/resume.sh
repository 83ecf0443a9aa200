#!/bin/sh
# resume.sh - what a second run takes again: all of it when nothing changed, exactly the stages in front of a
# change otherwise, and nothing that is damaged; each with the bytes of a run that starts anew.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v jq >/dev/null || { echo "skipped: no jq"; exit 77; }

out=$work/p/out
sed 's/conversations: 6000, accounts: 1500, organizations: 60, topics: 12, languages: 3/conversations: 1500, accounts: 400, organizations: 20, topics: 4, languages: 1/' \
  "$CLIO_SRC/configs/demo.yaml" >"$work/base.yaml"

# run_with SED-EXPRESSION ARGS...: the base graph, changed, into $out; $ran: the stages that ran.
run_with() {
  sed "$1" "$work/base.yaml" >"$work/graph.yaml"
  shift
  clio run "$work/graph.yaml" -o "$out" --json "$@"
  want_code 0 "run ($*)"
  ran=$(jq -r '[.stages[] | select(.reused | not) | .id] | join(" ")' "$work/out")
}

# wants_ran "STAGES" WHAT: exactly these stages ran, and the manifest agrees and adds up.
wants_ran() {
  [ "$ran" = "$1" ] || fail "$2: ran '$ran', wanted '$1'"
  told=$(jq -r '[.stages[] | select(.reused | not) | .id] | join(" ")' "$out/manifest.json")
  [ "$told" = "$1" ] || fail "$2: the manifest tells of '$told'"
  jq -e '.counts | .read == .used + .sampled_out + .screened_out + .bad' "$out/manifest.json" >/dev/null ||
    fail "$2: the manifest's rows do not add up"
}

# counts: what must not differ between a resumed and an undisturbed run.
counts() { jq -c '[.counts, [.stages[] | [.id, .rows_in, .rows_out, .failed, .bad, .dropped]]]' "$1/manifest.json"; }

# same_as_anew WHAT: the graph of the last run, into an empty folder, gives the same.
same_as_anew() {
  rm -rf "$work/p/anew"
  clio run "$work/graph.yaml" -o "$work/p/anew"
  want_code 0 "$1, anew"
  diff -r "$out/release" "$work/p/anew/release" >/dev/null || fail "$1: other bytes than a run that starts anew"
  [ "$(counts "$out")" = "$(counts "$work/p/anew")" ] || fail "$1: other counts than a run that starts anew"
}

all="conversations sample basic language refusal request vectors clusters tree names cells audit json csv"
run_with ''
wants_ran "$all" "the first run"
jq -e '[.stages[] | select(.id != "json" and .id != "csv") | .why == "first run"] | all' "$work/out" >/dev/null ||
  fail "the first run does not say that it is"

begin=$(date +%s%N)
run_with '' --threads 1 --batch-rows 7
took=$((($(date +%s%N) - begin) / 1000000))
[ "$(jq .nothing_to_do "$work/out")" = true ] || fail "the same again was not nothing to do"
most=2000 # a sanitized program is about ten times slower
[ -z "${CLIO_SANITIZED-}" ] || most=20000
[ "$took" -lt "$most" ] || fail "doing nothing took $took ms"
[ "$(jq .read "$work/out")" = 1500 ] || fail "doing nothing forgot the counts"
clio run "$work/graph.yaml" -o "$out"
want_err "nothing to do" "the same again"

rm -rf "$out/release"
run_with ''
wants_ran "json csv" "a release that was removed"
same_as_anew "a release that was removed"
echo x >>"$out/release/clusters.csv"
run_with ''
wants_ran "json csv" "a release that was changed"
rm "$out/manifest.json"
run_with ''
wants_ran "json csv" "a manifest that was removed"

run_with 's/columns: \[language, turns, refusal, period\]/columns: [language, turns]/'
wants_ran "cells json csv" "other columns"
run_with 's/namer.keyphrase/&, members: 500/'
case $ran in "names json csv" | "names cells json csv" | "names cells audit json csv") ;; *) fail "names: ran '$ran'" ;; esac
run_with 's/hierarchizer.ward/&, top: 3/'
case $ran in tree*) ;; *) fail "tree: ran '$ran'" ;; esac
run_with 's/clusterer.kmeans/&, k: 8/'
case $ran in "clusters tree names"*) ;; *) fail "clusters: ran '$ran'" ;; esac
clio run "$work/base.yaml" -o "$out"
want_err "(parameters changed: k)" "the reason"
run_with 's/column: request/&, dim: 64/; s/clusterer.kmeans/&, k: 8/'
case $ran in "vectors clusters tree"*) ;; *) fail "vectors: ran '$ran'" ;; esac
same_as_anew "vectors"
run_with 's/summarizer.extractive/&, max_chars: 80/; s/clusterer.kmeans/&, k: 8/'
case $ran in "basic language refusal request vectors"*) ;; *) fail "request: ran '$ran'" ;; esac
[ "$(jq -r '.stages[] | select(.id == "request") | .why' "$work/out")" = "parameters changed: max_chars" ] ||
  fail "request does not say why"
same_as_anew "request"

# Early cut-off: a sample of another size that picks the same rows changes nothing behind it.
run_with ''
run_with 's/sampler.random/&, size: 5000/'
wants_ran "sample json csv" "a larger sample of all rows"
run_with 's/sampler.random/&, size: 1200/'
case $ran in "sample basic language refusal request"*) ;; *) fail "a smaller sample: ran '$ran'" ;; esac
same_as_anew "a smaller sample"

# The privacy section concerns those who ask for it, and the gate.
run_with ''
run_with 's/^  declassify:/  cell: { accounts: 12, conversations: 20 }\n&/'
case $ran in *request* | *vectors*) fail "cell: ran '$ran'" ;; esac
same_as_anew "another threshold"
run_with 's/^seed: 1/seed: 2/'
wants_ran "$all" "another seed"
grep -q '"why":"seed changed"\|"why": "seed changed"' "$work/out" || fail "another seed is not said"

# A word list, a plugin.
run_with ''
cp -rL "$work/data" "$work/changed" # copied, for the links of $work/data lead into the sources
sed '$s/.*/zzyzx/' "$CLIO_SRC/configs/words/frame-en.txt" >"$work/changed/words/frame-en.txt"
CLIO_DATA_PATH=$work/changed run_with ''
case $ran in *request* | *clusters*) fail "word list: ran '$ran'" ;; *vectors*names*) ;; *) fail "word list: ran '$ran'" ;; esac
run_with ''

# What is damaged or gone is made again.
for file in vector cluster_request request clusters.name '#keys'; do
  for path in "$out"/private/tables/*/"$file"; do
    printf 'X' | dd of="$path" bs=1 seek=150 conv=notrunc 2>/dev/null
  done
  rm -rf "$out/release"
  run_with ''
  grep -q 'damaged' "$work/out" || fail "a damaged $file was not said"
  same_as_anew "a damaged $file"
done
rm -rf "$out"/private/tables/* "$out/release"
run_with ''
case $ran in conversations*csv) ;; *) fail "tables removed: ran '$ran'" ;; esac
rm -rf "$out/release"
sqlite3 "$out/private/run.db" 'UPDATE roll SET account = account + 1 WHERE key % 100 = 7' 2>/dev/null && {
  run_with ''
  case $ran in "basic language"*) ;; *) fail "a damaged roll: ran '$ran'" ;; esac
  same_as_anew "a damaged roll"
}

# Nothing that no run uses any more is kept; nothing is kept of what was refused.
before=$(ls "$out/private/tables" | wc -l)
run_with 's/clusterer.kmeans/&, k: 9/'
run_with ''
[ "$(ls "$out/private/tables" | wc -l)" = "$before" ] || fail "old tables were kept"
run_with '' --fresh
wants_ran "$all" "--fresh"
same_as_anew "--fresh"
sed 's/^  declassify:/  cluster: { accounts: 1000, conversations: 1000 }\n&/' "$work/base.yaml" >"$work/graph.yaml"
clio run "$work/graph.yaml" -o "$out"
want_code 6 "a refused run"
[ -z "$(ls "$out/private/tables")" ] || fail "a refused run kept its tables"
finish
