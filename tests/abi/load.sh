#!/bin/sh
# load.sh - every way in which a plugin file is refused, each by its exact
# sentence: descriptors (refusals.txt), then files, folders and listing.
set -u
umask 022
here=$CLIO_SRC/tests/abi
: "${CC:=cc}"
work=$(mktemp -d "$CLIO_BUILD/tests/abi/load.XXXXXX") || exit 1
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
fails=0 count=0

# expect CASE GOT WANT
expect() {
  count=$((count + 1))
  [ "$2" = "$3" ] && return
  fails=$((fails + 1))
  printf '%s:\n  got  %s\n  want %s\n' "$1" "$2" "$3"
}

# build FILE FLAGS...: bad.c as a shared object. Flags of a case are one shell
# word each; a backslash keeps a space.
build() {
  out=$1
  shift
  $CC -std=gnu11 -w -fPIC -shared -fvisibility=hidden -I"$CLIO_SRC/sdk" "$@" \
    -o "$out" "$here/bad.c" || { echo "bad.c does not compile: $*"; exit 1; }
}

# says FILE: why clio refuses it, without the "plugin 'FILE': " before it.
says() {
  "$CLIO" --scan "$1" 2>/dev/null |
    sed -n -e 's/^.*"refused":"\(.*\)"}$/\1/' -e 's/\\"/"/g' -e "s|^plugin '[^']*': ||p"
}

# ---- descriptors ----
name='' flags=''
while IFS= read -r line; do
  case $line in
  'case: '*) name=${line#case: } ;;
  'flags:'*) flags=${line#flags:} flags=${flags# } ;;
  'says:'*)
    want=${line#says:} want=${want# }
    old=$IFS
    printf '%s\n' "$flags" | sed -e 's/\\ /\x01/g' -e 's/ -D/\n-D/g' -e 's/\x01/ /g' > args
    set --
    while IFS= read -r arg; do [ -n "$arg" ] && set -- "$@" "$arg"; done < args
    IFS=$old
    build case.so "$@"
    expect "$name" "$(says case.so)" "$want"
    rm -f case.so
    ;;
  esac
done < "$here/refusals.txt"

# ---- files ----
build good.so
size=$(wc -c < good.so)
cut="is cut short: its headers name parts past its end at byte"
expect 'not there' "$(says nothing.so)" 'cannot be found: No such file or directory'
mkdir folder.so
expect 'a folder' "$(says folder.so)" 'is not a regular file'
: > empty.so
expect 'empty' "$(says empty.so)" 'is empty; build or copy it again'
printf 'INPUT(libgood.so)\n' > text.so
expect 'a text file' "$(says text.so)" \
  'is a text file, not a shared object; libtool puts the object itself into .libs/'
head -c 300 /dev/zero > zero.so
expect 'not ELF' "$(says zero.so)" 'is not an ELF shared object; build it with -shared'
for keep in 20 700 $((size / 2)) $((size - 1)); do
  head -c "$keep" good.so > short.so
  expect "cut to $keep" "$(says short.so)" "$cut $keep; build or copy it again"
done
cp good.so patched.so
printf '\001' | dd of=patched.so bs=1 seek=4 conv=notrunc 2>/dev/null
case $(uname -m) in
x86_64)
  expect 'another class' "$(says patched.so)" 'is a 32-bit object, this clio is 64-bit; rebuild it'
  cp good.so patched.so
  printf '\267' | dd of=patched.so bs=1 seek=18 conv=notrunc 2>/dev/null
  expect 'another machine' "$(says patched.so)" \
    'is built for aarch64, this clio runs on x86-64; rebuild it'
  ;;
esac
echo 'int main(void) { return 0; }' > main.c
$CC -no-pie -o program.so main.c
expect 'a program' "$(says program.so)" \
  'is an ELF file but not a shared object; build it with -shared'
cp good.so open.so
chmod 646 open.so
expect 'a file anyone may write' "$(says open.so)" \
  'anyone may write to the file (mode 0646) and so run code as you; chmod o-w it, or move the plugin'
mkdir open sticky
cp good.so open/good.so
cp good.so sticky/good.so
chmod 757 open
chmod 1777 sticky
expect 'a folder anyone may write' "$(says open/good.so)" \
  "anyone may write to its folder '$work/open' (mode 0757) and so run code as you; chmod o-w it, or move the plugin"
expect 'a sticky folder' "$(says sticky/good.so)" \
  "anyone may write to its folder '$work/sticky' (mode 1777) and so run code as you; chmod o-w it, or move the plugin"
ln -s sticky/good.so link.so
expect 'a link to it' "$(says link.so)" \
  "anyone may write to its folder '$work/sticky' (mode 1777) and so run code as you; chmod o-w it, or move the plugin"
cp good.so theirs.so
if chown 54321 theirs.so 2>/dev/null; then
  expect "a third user's" "$(says theirs.so)" \
    'the file belongs to user 54321, who is neither you nor root; take it over with chown once you trust it'
fi
mkfifo pipe.so
expect 'a pipe' "$(says pipe.so)" 'is not a regular file'

# ---- listing: what happens while a plugin is loaded ----
constructor() {
  build "$1" "-DNAME=\"$2\"" \
    "-DPRELUDE=__attribute__((constructor)) static void start(void) { $3 }"
}
constructor abort.so abort 'abort();'
constructor crash.so crash '*(volatile int *)0 = 1;'
constructor leave.so leave 'exit(0);'
constructor noise.so noise 'puts("{\"path\":\"x\",\"stages\":[]}"); fflush(stdout);'
constructor hang.so hang 'for (;;) pause();'
list=$CLIO_BUILD/tests/abi/list
CLIO_SCANNER=$CLIO
export CLIO_SCANNER
got=$("$list" 20000 good.so abort.so good.so leave.so noise.so good.so)
expect 'one child for all' "$got" "good
plugin 'abort.so': crashed while being listed (signal 6, Aborted)
good
plugin 'leave.so': ended the process while being listed (exit code 0)
good
good"
case $("$list" 20000 crash.so) in
"plugin 'crash.so': crashed while being listed (signal 11, Segmentation fault)") ;;
"plugin 'crash.so': ended the process while being listed (exit code 1)") ;; # a sanitizer's exit
*) expect 'a crash' "$("$list" 20000 crash.so)" 'signal 11' ;;
esac
expect 'a hang' "$("$list" 700 hang.so good.so)" \
  "plugin 'hang.so': did not answer within 1 s while being listed
good"
expect 'no scanner' "$(CLIO_SCANNER=/bin/true "$list" 700 good.so 2>&1)" \
  'listing plugins: the scanner does not answer to --scan'

# ---- the registry ----
mkdir -p path/extractor/.libs other
cp good.so path/extractor/.libs/bad.so
cp good.so other/bad.so
cp abort.so path/extractor/abort.so
cp text.so path/reader.so
got=$(CLIO_PLUGIN_PATH=path:nowhere:other CLIO_TEST_LOAD=extractor/bad "$list")
expect 'a search path' "$got" "extractor/bad path/extractor/.libs/bad.so
refused: plugin folder 'nowhere' is not there
refused: plugin 'path/reader.so': is a text file, not a shared object; libtool puts the object itself into .libs/
refused: plugin 'path/extractor/abort.so': crashed while being listed (signal 6, Aborted)
refused: plugin 'other/bad.so': its stage 'extractor/bad' is hidden by 'path/extractor/.libs/bad.so', which comes first
loaded: bad, 1 parameters"
load() { CLIO_PLUGIN_PATH=path CLIO_TEST_LOAD=$1 "$list" | sed -n 's/^not loaded: //p'; }
expect 'nearly its name' "$(load extractor/bda)" \
  "'extractor/bda' is not installed in path; did you mean 'extractor/bad'?"
expect 'another of its kind' "$(load extractor/sentiment)" \
  "'extractor/sentiment' is not installed in path; installed are extractor/bad"
expect 'none of its kind' "$(load report/pdf)" \
  "neither 'report/pdf' nor any other of its kind is installed in path; CLIO_PLUGIN_PATH names other folders"
expect 'refused' "$(load extractor/abort)" \
  "'extractor/abort' is not installed: plugin 'path/extractor/abort.so': crashed while being listed (signal 6, Aborted)"

# ---- yesterday's plugin on today's core ----
for header in "$here"/clio-[0-9]*.h; do
  build old.so "-DHEADER=\"$header\""
  expect "built with $(basename "$header")" "$(says old.so)" ''
  [ "$("$CLIO" --scan old.so | grep -c '"name":"bad"')" = 1 ] || fails=$((fails + 1))
done

echo "$count refusals and listings, $fails wrong"
[ "$fails" = 0 ]
