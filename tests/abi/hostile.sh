#!/bin/sh
# hostile.sh - plugins that break the rules (hostile/*.c) in the built clio: each
# ends as hostile/cases.txt says, by its exact sentence, and publishes nothing of
# the one account whose words and number are the canary.
#
# A case: `set:` the sin, as --set takes it, and further words of the command line;
# `exit:`; `says:` the errors, without the file's name, a bar between two;
# `names:` where the run succeeds, all names that were published.
set -u
umask 022
here=$CLIO_SRC/tests/abi/hostile
: "${CC:=cc}"
[ -x "$CLIO" ] || exit 77
work=$(mktemp -d "$CLIO_BUILD/tests/abi/hostile.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir evil variant
fails=0 count=0

complain() {
  fails=$((fails + 1))
  printf '%s: %s\n' "$name" "$*"
}

build() {
  $CC -std=c11 -fPIC -shared -fvisibility=hidden -I"$CLIO_SRC/sdk" "$@" ||
    { echo "does not compile: $*"; exit 1; }
}
for source in "$here"/*.c; do
  build -o "evil/$(basename "$source" .c).so" "$source"
done
CLIO_PLUGIN_PATH=$work/evil:$CLIO_BUILD/plugins
export CLIO_PLUGIN_PATH
CLIO_PROJECT_KEY=00112233445566778899aabbccddeeff # else every run samples the map anew
export CLIO_PROJECT_KEY

# Four topics of 40 accounts with two conversations each, and one account with
# three conversations that hold the canary.
awk 'BEGIN {
  split("gardening cooking travel music", topic, " ")
  split("roses in the shade,a quiet evening at home,the long summer,a small budget", about, ",")
  line = "{\"id\":\"%s-%d-%d\",\"account_id\":\"%s-%d\",\"messages\":[{\"role\":\"user\"," \
    "\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"Here is some advice.\"}]}\n"
  for (t = 1; t <= 4; t++) for (a = 0; a < 40; a++) for (c = 0; c < 2; c++)
    printf line, topic[t], a, c, topic[t], a, topic[t] " advice for " about[(a + c) % 4 + 1]
  for (c = 0; c < 3; c++)
    printf line, "canary", 0, c, "canary", 0, "gardening with a quokka call 4915112345678"
}' > data.jsonl

# Every byte of a folder's files that could be the canary's.
canary_in() { grep -rlaiE 'quokka|4915112345678|491 511 234|qu.{1,6}okka' "$1" 2>/dev/null; }

# One run of a case; its words stand in $set.
check_case() {
  count=$((count + 1))
  rm -rf project
  mkdir project
  # shellcheck disable=SC2086
  timeout 60 "$CLIO" run "$here/graph.yaml" -i data.jsonl -o project/OUT -q --set $set \
    > out 2> err
  code=$?
  [ "$code" = "$want_code" ] || complain "exit $code, not $want_code: $(cat err)"
  said=$(sed -n -e 's/ for [0-9]* s and cannot/ for N s and cannot/' \
    -e 's/^.*graph\.yaml:[0-9:]* error: //p' -e 's/^clio: error: //p' err | tr '\n' '|')
  [ "$said" = "${want_says:+$want_says|}" ] || complain "
  got  $said
  want $want_says"
  if [ "$want_code" = 0 ]; then
    got=$(cat project/OUT/release/names.txt)
    [ "$got" = "$want_names" ] || complain "names: $got, not $want_names"
  elif [ -n "$(find project/OUT/release project/OUT/public -type f 2>/dev/null)" ]; then
    complain "something was published"
  fi
  [ -z "$(canary_in project/OUT/release)" ] || complain "the canary is in the release"
  [ -z "$(canary_in out)" ] || complain "the canary is on standard output"
  if LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" err out; then
    complain "control bytes reach the terminal"
  fi
}

set='' want_code='' want_says='' want_names=''
while IFS= read -r line; do
  case $line in
  'set: '*) set=${line#set: } name=$set want_says='' want_names='' ;;
  'exit: '*) want_code=${line#exit: } ;;
  'says: '*) want_says=${line#says: } ;;
  'names: '*) want_names=${line#names: } ;;
  '') [ -z "$set" ] || check_case; set='' ;;
  esac
done < "$here/cases.txt"

# What may not even be checked: variants of plugins as "source:flag", and the sentence.
refused_graph() {
  name=$1 variants=$2 want=$3 sins=${4:-}
  count=$((count + 1))
  rm -f variant/*.so
  for variant in $variants; do
    build "${variant#*:}" -o "variant/${variant%%:*}.so" "$here/${variant%%:*}.c"
  done
  # shellcheck disable=SC2086
  CLIO_PLUGIN_PATH=$work/variant:$CLIO_PLUGIN_PATH \
    "$CLIO" check "$here/graph.yaml" --set input=data.jsonl $sins > out 2> err
  code=$?
  [ $code = 78 ] || complain "check: exit $code, not 78"
  said=$(sed -n -e 's/^.*graph\.yaml:[0-9:]* error: //p' err | head -1)
  [ "$said" = "$want" ] || complain "
  got  $said
  want $want"
}
refused_graph 'text made derived without the capability' summarizer:-DCAPS=0 \
  "stage 'request': summarizer/evil reads RAW text and makes 'request' DERIVED, but declares no capability to declassify; let it read a DERIVED column"
refused_graph 'a sampler that reads text' sampler:-DREADS_TEXT \
  "stage 'sample': sampler/evil needs every row of the RAW column 'content', and RAW text is never kept; let an extractor or a summarizer before it make a DERIVED column"
refused_graph 'a report that reads conversations' report:-DREADS_CONVERSATIONS \
  "stage 'list': report/evil reads conversations, and in release mode none leave the gate; a report reads released tables only"
refused_graph 'a membership that is text' namer:-DMEMBER_TYPE=CLIO_T_ANY \
  "stage 'clusters': clusterer/evil makes 'cluster_request', a membership, of type utf8; it must be i64, the number of a node" \
  '--set clusterer=member_text'

refused_graph 'names from words that nobody vouches for' "embedder:-DECHO namer:-DTEXT=\"echo\"" \
  "stage 'names': namer/evil reads no text that the names of the tree 'request' can be checked against; let it read a column that a stage under privacy.declassify makes"

# Who is not granted the step from RAW text makes nothing DERIVED.
name='a stage that is not granted'
sed 's/declassify: \[facts, request\]/declassify: [facts]/' "$here/graph.yaml" > ungranted.yaml
"$CLIO" check ungranted.yaml --set input=data.jsonl > out 2> err
[ $? = 78 ] || complain 'check passes'
grep -q "stage 'request': summarizer/evil turns RAW text into the DERIVED column 'request'" err ||
  complain "$(cat err)"

# Of several auditors the lowest rating counts, in either order.
name='an honest auditor beside a generous one'
for order in 'low none' 'none low'; do
  count=$((count + 1))
  awk -v first="${order% *}" -v second="${order#* }" '
    /^  audit:/ {
      print "  first: { use: auditor/evil, from: cells, sin: " first " }"
      print "  audit: { use: auditor/evil, from: first, sin: " second " }"
      next
    }
    { print }' "$here/graph.yaml" > two.yaml
  rm -rf project
  mkdir project
  "$CLIO" run two.yaml -i data.jsonl -o project/OUT -q > out 2> err || complain "$(cat err)"
  [ "$(cat project/OUT/release/names.txt)" = '(withheld)(withheld)' ] ||
    complain "names: $(cat project/OUT/release/names.txt)"
done

# A lie about counts changes no byte of the release but the graph's own hash.
name='the honest bytes'
release() {
  rm -rf project
  mkdir project
  "$CLIO" run "$here/graph.yaml" -i data.jsonl -o project/OUT -q --set "$1" 2> err ||
    complain "$(cat err)"
  sed '/graph_hash/d' project/OUT/release/clusters.json
}
release clusterer=none > honest.json
release clusterer=lie > lie.json
cmp honest.json lie.json || complain 'the lie changed the release'

echo "$count hostile plugins, $fails wrong"
[ "$fails" = 0 ]
