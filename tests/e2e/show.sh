#!/bin/sh
# show.sh - what `clio show` draws of a sample release, byte for byte.
set -u
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/out/release"
cp "$CLIO_SRC/tests/e2e/sample-clusters.json" "$dir/out/release/clusters.json"
cd "$dir" || exit 99
failed=0

# same NAME CODE ARGUMENTS...: the command's output and exit code, against $dir/want.
same() {
  name=$1 code=$2
  shift 2
  "$CLIO" show "$@" >got 2>&1
  got=$?
  if [ $got -ne "$code" ]; then echo "FAIL $name: exit $got, wanted $code"; failed=1; fi
  if ! diff -u want got; then echo "FAIL $name"; failed=1; fi
}

cat >want <<'END'
release: 12,345 conversations of 1,000 or more accounts
Assumed: every conversation comes from another account.
A cluster has at least 25 accounts and 50 conversations.
Smaller groups and values are hidden: what is not shown is not zero.
45 conversations lie in clusters too small to be shown.
  language  English 73%, Japanese 16%, Portuguese <1%
  refusal   false 97%

request                                                             12,345  100%
├─ Write stories, poems and song lyrics in the style █████████████   8,000   65%
│  │  of somebody
│  ├─ Write song lyrics                              ████████▏       5,000   41%
│  └─ Write stories and poems                        ████▉           3,000   24%
├─ 料理と[31mレシピについての質問                    ███████         4,300   35%
└─ (smaller clusters)                                ▏                  45   <1%
END
COLUMNS=80 same "80 columns" 0 out

cat >want <<'END'
release: 12,345 conversations of 1,000 or more accounts
Assumed: every conversation comes from another account.
A cluster has at least 25 accounts and 50 conversations.
Smaller groups and values are hidden: what is not shown is not zero.
45 conversations lie in clusters too small to be shown.
  language  English 73%, Japanese 16%, Portuguese <1%
  refusal   false 97%

request                                                                                                     12,345  100%
│  English 73%, Japanese 16%, Portuguese <1%
├─ Write stories, poems and song lyrics in the style of somebody                      ████████████████████   8,000   65%
│  English 100%
├─ 料理と[31mレシピについての質問                                                     ██████████▊            4,300   35%
└─ (smaller clusters)                                                                 ▏                         45   <1%
END
COLUMNS=200 same "200 columns (120 are used), one level, by language" 0 out --depth 1 --by language

cat >want <<'END'
clio: no cluster is broken down by 'lang'; there are: language, refusal
END
same "unknown column" 2 out --by lang

cat >want <<'END'
clio: there is no tree 'task'; there are: request
END
same "unknown tree" 2 out --facet task

cat >want <<'END'
clio: 'nothing' holds no release: there is no clusters.json in its release, public or restricted folder; make one with 'clio run GRAPH -o nothing'
END
same "no release" 74 nothing

echo '{"clio": 1' >out/release/clusters.json
cat >want <<'END'
clio: 'out/release/clusters.json' cannot be shown: it is not JSON
END
same "broken file" 1 out
exit $failed
