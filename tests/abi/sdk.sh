#!/bin/sh
# sdk.sh - what the headers and the bundled plugins promise: golden layout, headers
# that stand alone, one exported symbol, no constructors, no include of the core.
set -u
: "${CC:=cc}" "${CXX:=c++}"
cd "$CLIO_SRC" || exit 1
fails=0
complain() {
  fails=$((fails + 1))
  printf '%s\n' "$*"
}

# The layout that compiled plugins rely on.
if [ "$(uname -m)" = x86_64 ]; then
  "$CLIO_BUILD/tests/abi/layout" | diff "$CLIO_SRC/tests/abi/layout.txt" - ||
    complain "clio.h's layout is not that of tests/abi/layout.txt"
fi

# Each header alone, as C11 and as C++17.
for header in clio.h clio_util.h clio_test.h; do
  for language in "$CC -x c -std=c11 -Wmissing-prototypes" "$CXX -x c++ -std=c++17"; do
    printf '#include "%s"\n' "$header" |
      $language -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -Isdk - ||
      complain "$header does not stand alone: $language"
  done
done

# What plugins include: sdk/, plugins/lib/, their own folder; never GLib.
for file in $(find plugins -name '*.[ch]' -o -name '*.cc' -o -name '*.cpp'); do
  for include in $(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file"); do
    folder=$(dirname "$file")
    [ -f "sdk/$include" ] || [ -f "plugins/lib/$include" ] || [ -f "$folder/$include" ] ||
      complain "$file includes \"$include\", which is in none of sdk/, plugins/lib/, $folder/"
    case $include in */..*|..*) complain "$file includes \"$include\", out of its folder" ;; esac
  done
  ! grep -n '# *include *<glib' "$file" || complain "$file includes GLib"
done

# What the built plugins export and run when loaded. A sanitizer adds to both.
for object in $(find "$CLIO_BUILD/plugins" -path '*/.libs/*.so' | sort); do
  nm -D --undefined-only "$object" | grep -q __asan_init && continue
  symbols=$(nm -D --defined-only "$object" | sed 's/.* //' | tr '\n' ' ')
  [ "$symbols" = 'clio_plugin_v0 ' ] || complain "$object exports: $symbols"
  # One entry, of the compiler's own start-up code, is in every shared object.
  for section in init_array fini_array; do
    bytes=$(readelf -SW "$object" | sed -n "s/.* \.$section  *[A-Z_]*  *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\) .*/\1/p")
    [ $((0x${bytes:-0})) -le 8 ] || complain "$object runs code when loaded (.$section)"
  done
done
[ "$fails" = 0 ]
