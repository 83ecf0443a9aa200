#!/bin/sh
# match.sh - screener/match in a run: what it drops is counted as screened out, a list in a file is read,
# and a mistake is shown where the parameter stands, before any data.
. "$CLIO_SRC/tests/e2e/lib.sh"
awk 'BEGIN {
  split("write a poem about autumn leaves|sort a list in python|plan a trip to the mountains", t, "|")
  for (i = 0; i < 240; i++)
    printf "{\"id\":\"c%d\",\"messages\":[{\"role\":\"user\",\"content\":\"Please %s\"},{\"role\":\"assistant\",\"content\":\"Sure, number %d.\"}]}\n", i, t[i % 3 + 1], i
}' >"$work/in.jsonl"
graph() { # graph PARAMETERS: the screener behind the sample
  sed -e 's/assume: null/assume: one_account_per_conversation/' -e 's/from: sample }/from: screen }/' \
    -e "s|^  basic:|  screen:   { use: screener/match, from: sample, $1 }\n  basic:|" \
    "$CLIO_SRC/configs/local.yaml" >"$work/graph.yaml"
}
want_count() { # want_count KEY N
  grep -q "^    \"$1\": $2,*$" "$work/out-dir/manifest.json" || fail "$1 is not $2: $(grep "\"$1\":" "$work/out-dir/manifest.json")"
}

printf '# places\nMOUNTAIN\n/p[oö]em/i\n' >"$work/list.txt"
graph 'match: "@list.txt", in: user'
clio run "$work/graph.yaml" -o "$work/out-dir" -i "$work/in.jsonl"
want_code 0 "a list in a file"
want_count screened_out 80
want_count used 160
want_count read 240

graph 'drop: "python"'
clio run "$work/graph.yaml" -o "$work/out-dir" -i "$work/in.jsonl"
want_code 0 "drop"
want_count screened_out 80

graph 'match: "/(poem/"'
clio check "$work/graph.yaml" -i "$work/in.jsonl"
want_code 78 "a broken expression"
line=$(grep -n 'screener/match' "$work/graph.yaml" | cut -d: -f1)
column=$(sed -n "${line}p" "$work/graph.yaml" | awk '{ print index($0, "\"/(poem/\"") }')
want_err "graph.yaml:$line:$column: error: stage 'screen': match: line 1, column 6 of the regular expression: missing closing parenthesis" \
  "a broken expression"

graph 'column: outputs, values: []'
clio check "$work/graph.yaml" -i "$work/in.jsonl"
want_code 78 "a column without values"
want_err "column: say which of its values count" "a column without values"

graph 'column: outputs, min: 1'
clio run "$work/graph.yaml" -o "$work/out-dir" -i "$work/in.jsonl"
want_code 0 "a column's range"
want_count screened_out 0
finish
