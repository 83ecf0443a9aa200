#!/bin/sh
# new.sh - what `clio new` writes works as it stands: every kind builds without a warning, passes its
# test and its conformance report, and runs in its graph; against this tree, and against an installed SDK.
. "$CLIO_SRC/tests/e2e/lib.sh"
unset CLIO_PLUGIN_PATH CLIO_DATA_PATH
export XDG_DATA_HOME="$work/home"
cd "$work" || exit 1
quiet() { # quiet WHAT COMMAND...: its output only where it fails
  what=$1
  shift
  "$@" >"$work/log" 2>&1 || {
    fail "$what: $*"
    tail -15 "$work/log"
    return 1
  }
}
kinds='source sampler screener summarizer extractor embedder clusterer hierarchizer namer aggregator
auditor projector validator report model'

# ---- every kind, against this tree ----
for kind in $kinds; do
  clio new "$kind/my_$kind"
  want_code 0 "new $kind"
  cd "my_$kind" || exit 1
  quiet "$kind builds, its test passes" make -j2 CFLAGS='-O1 -Werror' "my_$kind.so" check &&
    { [ "$kind" != extractor ] || quiet "$kind under the sanitizers" make check-asan; } &&
    quiet "$kind conforms" make conform &&
    quiet "$kind runs" make run
  if [ "$kind" = model ]; then
    grep -q 'model/my_model' "$work/log" || { fail 'the plan does not name the new model'; cat "$work/log"; }
  else
    [ -s out/public/clusters.json ] || fail "$kind: its graph released nothing"
  fi
  cd ..
done
[ -s my_report/out/public/my_report.txt ] || fail 'the report wrote no file'
grep -q '"purity"' my_validator/out/public/my_validator.json || fail 'the validator wrote no score'
grep -q '"my_extractor"' my_extractor/out/public/clusters.json || fail 'the facet is not in the release'
grep -q '"x"' my_projector/out/public/clusters.json || fail 'the places are not in the release'

# ---- installed into the user's own folder, every clio finds it ----
quiet 'make install' make -C my_extractor install
clio inspect extractor/my_extractor
want_code 0 'a plugin in the own folder is found'

# ---- what is refused ----
refuse() { # refuse USE SENTENCE
  clio new "$1"
  [ "$code" != 0 ] || fail "new $1 is not refused"
  want_err "$2" "new $1"
}
refuse extractor/my_extractor "'my_extractor' is there already and is left as it is"
refuse extractor/My-Stage 'try extractor/my_stage'
refuse extractor/9 "a stage is called by a small letter, then small letters, digits and '_', at most 40"
refuse extractor/../../etc 'write KIND/NAME'
refuse extractor "write KIND/NAME, such as extractor/politeness"
refuse extractr/x "there is no kind 'extractr'; did you mean 'extractor'?"
refuse painter/x 'the kinds are source, sampler'
grep -q detector err && fail 'new offers a kind that it cannot write'
refuse detector/x 'carries no findings from a detector to a report yet'
refuse extractor/time "there is one of that name already; choose another"
mkdir there && echo mine >there/file
clio new extractor/x -o there
want_code 2 'a folder that is there'
[ "$(cat there/file)" = mine ] || fail 'a folder that was there was changed'
[ -e x ] && fail 'a refused stage left a folder'

# ---- against an installed SDK ----
root=$work/root
prefix=$(sed -n 's/^prefix *= *//p' "$CLIO_BUILD/Makefile")
quiet 'install the SDK' make -C "$CLIO_BUILD" DESTDIR="$root" install-sdk
cp "$CLIO" "$root$prefix/bin/" 2>/dev/null || { mkdir -p "$root$prefix/bin" && cp "$CLIO" "$root$prefix/bin/"; }
export PKG_CONFIG_SYSROOT_DIR="$root" CLIO_DATA_PATH="$CLIO_SRC/configs"
for kind in extractor report; do
  "$root$prefix/bin/clio" new "$kind/far_$kind" >"$work/out" 2>"$work/err" || fail "installed: new $kind"
  grep -q "$CLIO_BUILD" "far_$kind/Makefile" && fail "installed: $kind still names the build tree"
  quiet "installed: $kind builds" make -C "far_$kind" -j2 CFLAGS='-O1 -Werror' "far_$kind.so" check
  grep -q -- "-I$root" "$work/log" || fail "installed: $kind was not built with the installed header"
  quiet "installed: $kind runs" env CLIO_PLUGIN_PATH="$CLIO_BUILD/plugins:." \
    sh -c "cd far_$kind && '$root$prefix/bin/clio' run graph.yaml -o out"
done
finish
