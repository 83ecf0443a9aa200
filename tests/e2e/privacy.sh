#!/bin/sh
# privacy.sh - raw text reaches no disk: a canary in an assistant's message (which no stage makes DERIVED)
# lies nowhere under OUT; ids of accounts lie nowhere; a canary of one account in the user's request is not
# released; folders of other modes are refused; two releases that differ by one account are refused.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v jq >/dev/null || { echo "skipped: no jq"; exit 77; }
want_data hh-rlhf
data=$CLIO_SHARED/data/hh-rlhf/conversations.jsonl
jq -c '. + {account_id: ("acct-" + ((input_line_number % 400) | tostring) + "-zebra")} |
  .messages += [{role: "assistant", content: "the canary sings Quetzalcoatlus"}]' "$data" >"$work/in.jsonl"
for i in $(seq 60); do
  printf '{"id":"one-%s","account_id":"lonely-zebra","messages":[{"role":"user","content":"how do I cook rice with Xylophonicus number %s"}]}\n' "$i" "$i"
done >>"$work/in.jsonl"

clio run "$CLIO_SRC/configs/local.yaml" -i "$work/in.jsonl" -o "$work/p/a"
want_code 0 "run"
grep -rqa Quetzalcoatlus "$work/p" "$work/out" "$work/err" && fail "RAW text lies on disk or was said"
grep -rqa zebra "$work/p" "$work/out" "$work/err" && fail "an account id lies on disk or was said"
grep -rqai xylophonicus "$work/p/a/release" && fail "one account's word was released"

head -n -1 "$work/in.jsonl" | grep -v '"acct-7-zebra"' >"$work/less.jsonl"
clio run "$CLIO_SRC/configs/local.yaml" -i "$work/less.jsonl" -o "$work/p/b"
want_code 6 "a release that differs by two accounts"
want_err "differs from this one" "a release that differs by two accounts"
[ -e "$work/p/b/release" ] && fail "a differencing release was written"

graph_with 's/mode: release .*/mode: public/; s/public: null .*/public: "hh-rlhf, MIT, published"/; s/assume: null/assume: one_account_per_conversation/'
clio run "$work/graph.yaml" -i "$data" -o "$work/p/a"
want_code 6 "public over release"
clio run "$work/graph.yaml" -i "$data" -o "$work/p/c"
want_code 0 "public"
[ -s "$work/p/c/public/clusters.json" ] || fail "no public output"
grep -q '"mode": "public"' "$work/p/c/public/clusters.json" || fail "public output does not say so"
finish
