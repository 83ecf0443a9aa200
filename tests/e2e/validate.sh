#!/bin/sh
# validate.sh - validators behind the gate: the scores of configs/validate.yaml are printed, written by the report
# that reads from the validator, add up, and are the same with any number of threads; none in release mode.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v jq >/dev/null || { echo "skipped: no jq"; exit 77; }
cd "$work" || exit 1
# The words alone: no model need be installed.
sed 's/\[embedder\/blend, embedder\/lsa\]/embedder\/lsa/' "$CLIO_SRC/configs/validate.yaml" >graph.yaml

clio run graph.yaml --set conversations=3000 --threads 1 -o a
want_code 0 "validate"
grep -q '^  accuracy  *0\.[0-9]* (0\.[0-9]* to 0\.[0-9]*) ' out || { fail "no accuracy printed"; cat out; }
grep -q '^  accuracy  *en  *0\.' out || fail "no accuracy of a language printed"
grep -q '^  confusion' out && fail "the confusion matrix was printed"
scores=a/public/evaluation.json
jq -e '[.scores[] | select(.metric == "accuracy" and .slice == null)] | length == 1 and (.[0] |
  .n == 3000 and .low < .value and .value < .high and .value > 0.1)' $scores >/dev/null || fail "no sound accuracy"
jq -e '([.scores[] | select(.metric == "confusion") | .n] | add) as $all | [.scores[] | select(.metric ==
  "assigned to a cluster")] | .[0].value * .[0].n | round == $all' $scores >/dev/null ||
  fail "the confusion does not add up"
jq -e '[.scores[] | select(.metric == "accuracy" and .slice != null) | .n] | add == 3000' $scores >/dev/null ||
  fail "the languages do not add up"
jq -e '[.scores[] | select(.metric == "accuracy of the baseline")] | length == 1' $scores >/dev/null || fail "no baseline"
grep -q '<table class="matrix">' a/public/evaluation.html || fail "no confusion in the page"
grep -qE '<script|https?://' a/public/evaluation.html && fail "the page reaches elsewhere"

clio run graph.yaml --set conversations=3000 --threads 3 --batch-rows 7 -o b --json
want_code 0 "validate --json"
cmp a/public/evaluation.json b/public/evaluation.json || fail "other scores with other threads"
jq -e '[.scores[] | select(.metric == "accuracy")] | length > 3 and (.[0].stage == "agreement")' out >/dev/null ||
  fail "no scores in --json"

# What a report has written the next run may replace; what somebody put there it may not.
clio run graph.yaml --set conversations=3001 -o b
want_code 0 "another run"
touch b/public/mine.txt
clio run graph.yaml --set conversations=3002 -o b
want_code 74 "a foreign file"

# A validator wants conversations, and none leave the gate in release mode.
sed -e 's/mode: public/mode: release/' -e '/^  public:/d' -e 's/, labels: true//' graph.yaml >release.yaml
clio check release.yaml
want_code 78 "a validator in release mode"
grep -q "validator/reconstruction reads conversations, and in release mode none leave the gate" err ||
  { fail "not said why"; cat err; }
finish
