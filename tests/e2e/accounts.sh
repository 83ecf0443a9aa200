#!/bin/sh
# accounts.sh - an input without account ids is refused with the cure in the message, and runs once the
# graph states the assumption, which every output then prints; a set that is too small is refused.
. "$CLIO_SRC/tests/e2e/lib.sh"
want_data hh-rlhf
input=$CLIO_SHARED/data/hh-rlhf/conversations.jsonl

clio run "$CLIO_SRC/configs/local.yaml" -i "$input" -o "$work/a"
want_code 6 "no account ids"
want_err "assume: one_account_per_conversation" "no account ids"
[ -e "$work/a/release" ] && fail "something was released without account ids"
# The sampler's first pass has seen every row: the refusal comes before the stages that read texts.
grep -q '^request ' "$work/err" && fail "the refusal waited for the summaries"

graph_with 's/assume: null/assume: one_account_per_conversation/'
clio run "$work/graph.yaml" -i "$input" -o "$work/b"
want_code 0 "assumed"
for f in clusters.json clusters.csv facets.csv; do
  grep -q one_account_per_conversation "$work/b/release/$f" || fail "$f does not state the assumption"
done
clio show "$work/b"
want_code 0 "show"
grep -q "proof against poisoning" "$work/out" "$work"/b/release/* && fail "frame words alone need no caveat"
grep -q "Assumed: every conversation comes from another account" "$work/out" || fail "show does not state the assumption"

small=$CLIO_SHARED/data/kura-mtbench/conversations.jsonl
if [ -f "$small" ]; then
  clio run "$work/graph.yaml" -i "$small" -o "$work/c"
  want_code 6 "33 conversations"
  [ -e "$work/c/release" ] && fail "33 conversations were released"
fi

# Two releases of one project that differ by one account are refused, however often a row is repeated.
head -300 "$input" >"$work/all.jsonl"
sed 151d "$work/all.jsonl" >"$work/less.jsonl"
{ cat "$work/all.jsonl" && head -100 "$work/all.jsonl"; } >"$work/twice.jsonl"
clio run "$work/graph.yaml" -i "$work/twice.jsonl" -o "$work/project/one"
want_code 0 "a first release with repeated rows"
clio run "$work/graph.yaml" -i "$work/less.jsonl" -o "$work/project/two"
want_code 6 "a second one without one conversation of the first"
want_err "differs from this one by the conversations of too few accounts" "a second one"
clio run "$work/graph.yaml" -i "$work/all.jsonl" -o "$work/project/three"
want_code 0 "a third one of the first's conversations, each once"
finish
