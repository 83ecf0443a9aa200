#!/bin/sh
# yesterday.sh - a plugin that was built with each header we ever released loads, conforms and runs on
# today's core; one that needs a newer minor than this core's is refused with a sentence.
. "$CLIO_SRC/tests/e2e/lib.sh"
: "${CC:=cc}"
export CLIO_PLUGIN_PATH=.: # this folder, then the bundled stages
export XDG_DATA_HOME="$work/home"
cd "$work" || exit 1
# build NAME FLAGS...: the extractor that clio new writes, without warnings.
build() {
  clio new "extractor/$1" || return
  ( cd "$1" && name=$1 && shift &&
    $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -fPIC -shared -fvisibility=hidden "$@" -o "$name.so" "$name.c"
  ) || fail "$1 does not build"
}
number=0
for header in "$CLIO_SRC"/tests/abi/clio-[0-9]*.h; do
  number=$((number + 1))
  what="a plugin built with $(basename "$header")"
  mkdir "sdk$number"
  cp "$header" "sdk$number/clio.h"
  cp "$CLIO_SRC/sdk/clio_util.h" "sdk$number/"
  build "old$number" "-I$work/sdk$number"
  clio conform "old$number/old$number.so"
  want_code 0 "$what conforms"
  cd "old$number" || exit 1
  clio run graph.yaml -o out
  want_code 0 "$what runs"
  grep -q "\"old$number\"" out/public/clusters.json || fail "$what: its facet is not in the release"
  cd ..
done
[ "$number" -ge 1 ] || fail 'no released header is kept'

build tomorrow -DCLIO_ABI_MINOR=999 "-I$CLIO_SRC/sdk"
cd tomorrow || exit 1
clio run graph.yaml -o out
want_code 78 'a plugin of a newer minor'
want_err 'needs ABI 0.999, this clio has 0.' 'a plugin of a newer minor'
clio conform tomorrow.so
want_code 1 'a plugin of a newer minor does not conform'
finish
