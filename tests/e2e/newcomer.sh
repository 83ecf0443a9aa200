#!/bin/sh
# newcomer.sh - what somebody meets who has not read the manual: a wrong file for the input, a wrong folder
# for the output, counts that differ, thresholds that do nothing, a second release under other thresholds.
. "$CLIO_SRC/tests/e2e/lib.sh"
cd "$work" || exit 1
graph=$CLIO_SRC/configs/local.yaml

# ---- files that are no JSON lines: what they look like, and what to do ----
say() { # say FILE SENTENCE
  clio run "$graph" -i "$1" -o "out-$1"
  [ "$code" != 0 ] || fail "$1 is taken"
  want_err "$2" "$1"
}
printf 'id,user,text\n1,anna,hello\n2,bert,good day\n' >table.csv
say table.csv 'table.csv:1: not JSON: expected a value at column 1; it looks like CSV: make one JSON object'
printf '{\n  "id": "a",\n  "messages": [\n  ]\n}\n' >pretty.json
say pretty.json 'if one JSON document goes on over several lines, put each conversation on one: jq -c . FILE'
printf '{"id": "a", "messages": [{"role": "user", "content": "caf\351"}]}\n' >latin.jsonl
say latin.jsonl 'a Latin-1 file is made UTF-8 by: iconv -f latin1 -t utf-8'
printf 'PK\003\004 and so on' >export.zip
say export.zip 'an export of ChatGPT or Claude is read by configs/chatgpt.yaml and configs/claude.yaml'

# ---- a line that is too long is said once, by its number, with the cure ----
if command -v python3 >/dev/null; then
  python3 - <<'END' >long.jsonl
for i in range(1, 201):
    text = 'x' * (2 << 20) if i == 150 else 'How do I bake bread number %d?' % i
    print('{"id": "%d", "account_id": "p%d", "messages": [{"role": "user", "content": "%s"}]}' % (i, i, text))
END
  sed 's/path: "${input}"/path: "${input}", max_record: 1/' "$graph" >long.yaml
  clio run long.yaml -i long.jsonl -o out-long
  [ "$(grep -c 'longer than' err)" = 1 ] || fail "a long line is said $(grep -c 'longer than' err) times"
  want_err "long.jsonl: line 150: longer than the source's max_record and left out; raise max_record (MiB) of the stage 'conversations'" 'a long line'
fi

# ---- folders that are not for a run ----
mkdir mine && echo mine >mine/diary
for out in mine /; do
  clio run "$CLIO_SRC/configs/demo.yaml" -o "$out"
  want_code 2 "-o $out"
  want_err "'$out' is not empty and is no run's folder; give a new one, or an empty one, with -o" "-o $out"
done
[ "$(ls -A mine)" = diary ] || fail 'a folder that is not ours was written to'
clio run "$CLIO_SRC/configs/demo.yaml" -o mine/diary
want_err "'mine/diary' is a file; give a folder with -o" 'a file for a folder'

# ---- counts: why fewer are shown than were used; what is not shown ----
mkdir empty
clio run "$CLIO_SRC/configs/demo.yaml" -o empty
want_code 0 'an empty folder'
grep -q 'not counted: .* conversations, since of one account at most 5 count in one cluster (privacy.account_cap)' err || fail 'nobody says why fewer are counted'
grep -q 'published counts are rounded to the nearest 5' err || fail 'nobody says that counts are rounded'
clio show empty
grep -q '^Smaller groups and values are hidden: what is not shown is not zero.$' out || fail 'show does not say that values are hidden'
clio run "$CLIO_SRC/configs/demo.yaml" -o empty
want_code 0 'the same once more'

# ---- an input inside the run's own folder ----
echo '{"id": "a", "messages": []}' >empty/private/x.jsonl
clio run "$graph" -i 'empty/*/*.jsonl' -o empty
want_code 78 'an input in OUT'
want_err "lies in the run's own folder empty; name the input more narrowly, or choose another -o" 'an input in OUT'

# ---- thresholds that hide nothing ----
clio check "$CLIO_SRC/configs/chatgpt.yaml"
want_code 0 'chatgpt.yaml'
grep -q '^thresholds: mode public shows everything: privacy.cluster, cell and word hide nothing' out ||
  fail 'check does not say that thresholds of mode public hide nothing'

# ---- two releases under two thresholds: the larger one holds ----
if command -v python3 >/dev/null; then
  python3 - <<'END' >all.jsonl
for i in range(1, 401):
    what = ['bake bread', 'fix a Python loop', 'end a letter', 'cook soup'][i % 4]
    print('{"id": "%d", "account_id": "p%d", "messages": [{"role": "user", "content": "How do I %s please?"}]}' % (i, i, what))
END
  head -390 all.jsonl >less.jsonl
  loose='s/cluster: .*/cluster: { accounts: 5, conversations: 10, organizations: 1 }/; s/cell: .*/cell: { accounts: 5, conversations: 10 }/; s/word: .*/word: { accounts: 5 }/'
  sed "$loose" "$graph" >loose.yaml
  mkdir project
  clio run "$graph" -i all.jsonl -o project/one
  want_code 0 'a release under 25 accounts'
  clio run loose.yaml -i less.jsonl -o project/two
  want_code 6 'one that differs by ten accounts, under a threshold of five'
  want_err 'differs from this one by the conversations of too few accounts' 'a smaller threshold'
  mkdir other
  clio run loose.yaml -i less.jsonl -o other/one
  want_code 0 'the smaller one first'
  clio run loose.yaml -i all.jsonl -o other/two
  want_code 0 'ten accounts, both under five'
  clio run "$graph" -i less.jsonl -o other/three
  want_code 6 'under 25, beside one that differs by ten'
fi
finish
