#!/bin/sh
# faults.sh - a disk that is full, broken or read-only: the run stops with exit 74 and says which file and what
# to do, the earlier release stays as it was, and the same command goes on when the disk is well again.
# CLIO_FAULTS (default 5): how many moments per kind of fault.
. "$CLIO_SRC/tests/e2e/lib.sh"
shim=$CLIO_BUILD/tests/e2e/.libs/fault.so
[ -f "$shim" ] || { echo "skipped: no $shim"; exit 77; }
ldd "$CLIO" 2>/dev/null | grep -q 'libasan\|libtsan' && { echo "skipped: a sanitizer does not bear a preloaded library"; exit 77; }
faults=${CLIO_FAULTS:-5}
out=$work/p/out
sed 's/conversations: 6000, accounts: 1500, organizations: 60, topics: 12, languages: 3/conversations: 1500, accounts: 400, organizations: 20, topics: 4, languages: 1/' \
  "$CLIO_SRC/configs/demo.yaml" >"$work/first.yaml"
sed 's/clusterer.kmeans/&, k: 5/; s/summarizer.extractive/&, max_chars: 90/' "$work/first.yaml" >"$work/second.yaml"
clio run "$work/second.yaml" -o "$work/p/ref"
want_code 0 "the undisturbed run"

# prepare: $out holds the release of the first graph; the second one has to run.
clio run "$work/first.yaml" -o "$out"
want_code 0 "the earlier run"
cp -r "$work/p" "$work/saved"
prepare() { rm -rf "$work/p" && cp -r "$work/saved" "$work/p"; }

# run_failing CALL AT ERRNO [onward]
run_failing() {
  rm -f "$work/told"
  (
    export LD_PRELOAD="$shim" FAULT_UNDER="$work/p" FAULT_CALL="$1" FAULT_AT="$2" FAULT_ERRNO="$3" FAULT_TOLD="$work/told"
    [ -z "${4-}" ] || export FAULT_ONWARD=1
    exec "$CLIO" run "$work/second.yaml" -o "$out"
  ) >"$work/out" 2>"$work/err"
  code=$?
}

# check_failed WHAT: 74 and everything before intact, or (what failed did not matter) done.
check_failed() {
  if [ "$code" = 0 ]; then
    diff -r "$work/saved/ref/release" "$out/release" >/dev/null || fail "$1: exit 0 with another release"
    harmless=$((harmless + 1))
    return
  fi
  [ "$code" = 74 ] || { fail "$1: exit $code, wanted 74"; tail -3 "$work/err"; }
  grep -q "error: .*$work/p\|error: .*release" "$work/err" || { fail "$1: the file is not named"; tail -3 "$work/err"; }
  diff -r "$work/saved/out/release" "$out/release" >/dev/null ||
    diff -r "$work/saved/ref/release" "$out/release" >/dev/null || fail "$1: the release is neither the old nor the new one"
  clio run "$work/second.yaml" -o "$out"
  want_code 0 "$1, again"
  diff -r "$work/saved/ref/release" "$out/release" >/dev/null || fail "$1, again: other bytes"
}

try() { # try CALL ERRNO NAME [onward]: at moments spread over the whole run
  prepare
  run_failing "$1" 0 0
  want_code 0 "counting $1"
  total=$(cat "$work/told" 2>/dev/null || echo 0)
  [ "$total" -gt 0 ] || fail "$1 was never called"
  harmless=0
  i=0
  while [ "$i" -lt "$faults" ]; do
    prepare
    at=$((1 + i * (total - 1) / (faults > 1 ? faults - 1 : 1)))
    run_failing "$1" "$at" "$2" "${4-}"
    check_failed "$3 at $1 $at of $total${4+ and onward}"
    i=$((i + 1))
  done
  [ "$harmless" -lt "$faults" ] || fail "$3 at $1: no fault was ever noticed"
}
try write 28 ENOSPC onward
try write 5 EIO
try sync 5 EIO
try open 30 EROFS onward
try open 24 EMFILE
try rename 28 ENOSPC

# A real small disk and a real read-only one, where we may mount.
if [ "$(id -u)" = 0 ] && mkdir -p "$work/disk" && mount -t tmpfs -o size=600k none "$work/disk" 2>/dev/null; then
  trap 'umount "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
  clio run "$work/second.yaml" -o "$work/disk/out"
  want_code 74 "a full disk"
  grep -q "No space left on device\|disk is full" "$work/err" || fail "a full disk: it is not said: $(tail -1 "$work/err")"
  [ -e "$work/disk/out/release" ] && fail "a full disk: a release"
  mount -o remount,size=60m "$work/disk"
  clio run "$work/second.yaml" -o "$work/disk/out"
  want_code 0 "a disk that has room again"
  diff -r "$work/saved/ref/release" "$work/disk/out/release" >/dev/null || fail "a disk that has room again: other bytes"
  mount -o remount,ro "$work/disk"
  clio run "$work/first.yaml" -o "$work/disk/out"
  want_code 74 "a read-only disk"
  want_err "Read-only file system" "a read-only disk"
  umount "$work/disk"
else
  echo "skipped here: no small disk could be mounted"
fi

# libfiu, where it is: any call may fail at random; nothing crashes, nothing half is published.
if command -v fiu-run >/dev/null && [ "$faults" -gt 0 ]; then
  i=0
  while [ "$i" -lt "$faults" ]; do
    prepare
    timeout 60 fiu-run -x -f "" -c 'enable_random name=posix/io/rw/*,probability=0.004' \
      -c 'enable_random name=posix/io/sync/*,probability=0.02' \
      "$CLIO" run "$work/second.yaml" -o "$out" >"$work/out" 2>"$work/err"
    code=$?
    case $code in 0 | 1 | 74 | 78) ;; *) fail "libfiu: exit $code"; tail -3 "$work/err" ;; esac
    diff -r "$work/saved/out/release" "$out/release" >/dev/null ||
      diff -r "$work/saved/ref/release" "$out/release" >/dev/null || fail "libfiu: a half release"
    i=$((i + 1))
  done
  clio run "$work/second.yaml" -o "$out"
  want_code 0 "after libfiu"
  diff -r "$work/saved/ref/release" "$out/release" >/dev/null || fail "after libfiu: other bytes"
fi
finish
