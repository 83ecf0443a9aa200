#!/bin/sh
# install.sh - what `make install` puts under the prefix works from there: another folder, an empty
# environment, plugins and data found by the compiled-in paths. The installation is made in a folder of the
# test's own and, in a mount namespace, laid over the prefix; skipped where that is not allowed.
. "$CLIO_SRC/tests/e2e/lib.sh"
prefix=$(sed -n 's/^prefix = //p' "$CLIO_BUILD/Makefile")
in_place() { unshare -m sh -c 'mount --bind "$1" "$2" && shift 2 && cd / && exec "$@"' sh "$work/dest$prefix" "$prefix" "$@"; }
mkdir -p "$work/dest$prefix" "$work/cwd"
if ! [ -d "$prefix" ] || ! in_place true 2>/dev/null; then
  echo "skipped: nothing can be mounted over $prefix here"
  exit 77
fi
unset MAKEFLAGS MFLAGS MAKELEVEL
${MAKE-make} -s -C "$CLIO_BUILD" install DESTDIR="$work/dest" >"$work/log" 2>&1 || {
  tail -20 "$work/log"
  fail "make install"
  finish
}
installed() { # installed ARGS...: the installed clio, with nothing in its environment
  in_place env -i HOME=/nonexistent sh -c 'cd "$0" && exec "$@"' "$work/cwd" "$prefix/bin/clio" "$@" >"$work/out" 2>"$work/err"
  code=$?
}

installed --version
want_code 0 "--version"
installed doctor
want_code 0 "doctor"
grep -q "stages in $prefix/" "$work/out" || fail "the plugins are not the installed ones: $(cat "$work/out")"
grep -q "word lists in $prefix/" "$work/out" || fail "the word lists are not the installed ones"
installed inspect sampler/random
want_code 0 "inspect"
installed check "$prefix/share/clio/local.yaml"
want_code 0 "check of the installed local.yaml"
installed run "$prefix/share/clio/demo.yaml" -o out
want_code 0 "run of the installed demo.yaml"
[ -s "$work/cwd/out/release/clusters.json" ] || fail "the run released nothing"
installed show out --depth 1
want_code 0 "show"
[ -f "$work/cwd/.clio/key" ] || fail "the project's key is not beside OUT"
for page in man1/clio.1 man1/clio-run.1; do [ -s "$work/dest$prefix/share/man/$page" ] || fail "no $page"; done
for f in bash-completion/completions/clio zsh/site-functions/_clio fish/vendor_completions.d/clio.fish; do
  [ -s "$work/dest$prefix/share/$f" ] || fail "no $f"
done
grep -rl "$CLIO_BUILD" "$work/dest$prefix/share" && fail "a path of the build was installed"
finish
