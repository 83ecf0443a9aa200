#!/bin/sh
# style.sh [SRCDIR] - our own rules that a program can check; 'make style' runs it. Prints
# file:line: what, and ends with 1 when there was anything. One process for many files: it is run often.
cd "${1:-.}" || exit 1
found=$(mktemp)
trap 'rm -f "$found"' EXIT
sources=$(find core plugins sdk tests bench -path tests/npm -prune -o \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) -print |
  grep -v 'tests/abi/clio-' | sort)
headers=$(find core sdk plugins/lib -maxdepth 1 -name '*.h' | sort)
plugins=$(find plugins -name '*.c' -o -name '*.h' -o -name '*.cc' | sort)

{
  # functions that we do not use: unbounded, locale-bound, or not thread-safe
  # shellcheck disable=SC2086
  grep -nE '(^|[^_a-zA-Z0-9.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|system|popen)\(' $sources |
    sed 's|^\([^:]*:[0-9]*\):.*|\1: banned function|'

  # plugins see the SDK and plugins/lib; the SDK sees nothing of ours
  # shellcheck disable=SC2086
  grep -H '^#include "' $plugins | sed 's|^\([^:]*\):#include "\(.*\)".*|\1 \2|' | while read -r f h; do
    [ -f "sdk/$h" ] || [ -f "plugins/lib/$h" ] || [ -f "${f%/*}/$h" ] ||
      printf '%s: includes %s, which is neither in sdk/ nor in plugins/lib/\n' "$f" "$h"
  done
  grep -nE '#include [<"](glib|json|core/)' sdk/clio.h sdk/clio_util.h | sed 's|$|: third-party or core types in the SDK|'
  grep -rnE '#include <(glib|gio)' plugins --include='*.[ch]' | sed 's|$|: GLib belongs to core/ only|'

  # sizes of files, functions and lines; what a file opens with
  # shellcheck disable=SC2086
  awk '
    function limit_of(f) {
      if (f == "core/pii_parts.h") return 200
      if (f ~ /^sdk\/clio(_util|_test.*)?\.h$/) return 700
      if (f ~ /\.h$/) return 150
      return f ~ /^plugins\// ? 400 : 600
    }
    function finish() { if (lines > limit_of(file)) printf "%s: %d lines, more than %d\n", file, lines, limit_of(file) }
    FNR == 1 { finish(); file = FILENAME; start = 0
      if (!/^\/\* /) printf "%s:1: does not open with what it is for\n", file }
    { lines = FNR }
    length($0) > 110 && !/"[^"]{50,}"/ { printf "%s:%d: %d columns\n", file, FNR, length($0) }
    /^[a-zA-Z_].*\)( \{|)$/ && !/;$/ && !/^extern/ { start = FNR; name = $0 }
    /^\}/ { if (start && FNR - start > 80) printf "%s:%d: %d lines: %s\n", file, start, FNR - start, name; start = 0 }
    END { finish() }
  ' $sources

  # every public declaration of a header in core/, sdk/ and plugins/lib/ stands under a comment, alone or as a block
  # shellcheck disable=SC2086
  awk '
    FNR == 1 { comment = 0 }
    /\*\/[ \t]*$/ { comment = FNR }
    /^[a-z].*[a-z_0-9]\(.*[;,]$/ && !/^(typedef|return|static|if|for)/ {
      if (!comment || FNR - comment > 12) printf "%s:%d: a declaration without a comment\n", FILENAME, FNR
    }' $headers

  if command -v clang-format >/dev/null; then
    # shellcheck disable=SC2086
    clang-format --dry-run -Werror $sources 2>&1 |
      sed -n "s|^\([^:]*:[0-9]*\):.*-Wclang-format-violations.*|\1: not clang-format's; clang-format -i|p"
  else
    echo "style: clang-format is not installed; its check is left out" >&2
  fi
} >"$found"

cat "$found"
[ ! -s "$found" ] || exit 1
echo "style: nothing to complain about"
