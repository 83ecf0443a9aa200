#!/bin/sh
# style.sh [SRCDIR] - our own rules that a program can check; 'make style' runs it. Prints
# file:line: what, and ends with 1 when there was anything.
cd "${1:-.}" || exit 1
bad=0
complain() { printf '%s\n' "$*"; bad=1; }

sources=$(find core plugins sdk tests bench -name '*.c' -o -name '*.h' -o -name '*.cc' | grep -v 'tests/abi/clio-' | sort)

# functions that we do not use: unbounded, locale-bound, or not thread-safe
for f in $sources; do
  grep -nE '(^|[^_a-zA-Z0-9.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|system|popen)\(' "$f" |
    sed "s|^\([0-9]*\):.*|$f:\1: banned function|"
done | grep . && bad=1

# plugins see the SDK and plugins/lib; the SDK sees nothing of ours
for f in $(find plugins -name '*.c' -o -name '*.h' -o -name '*.cc'); do
  sed -n 's/^#include "\(.*\)"/\1/p' "$f" | while read -r h; do
    [ -f "sdk/$h" ] || [ -f "plugins/lib/$h" ] || [ -f "$(dirname "$f")/$h" ] ||
      printf '%s: includes %s, which is neither in sdk/ nor in plugins/lib/\n' "$f" "$h"
  done
done | grep . && bad=1
grep -nE '#include [<"](glib|json|core/)' sdk/clio.h sdk/clio_util.h && complain "sdk: third-party or core types"
grep -rnE '#include <(glib|gio)' plugins && complain "plugins: GLib belongs to core/ only"

# sizes: file, function, line
limit_of() {
  case $1 in
  core/pii_parts.h) echo 200 ;;
  sdk/clio.h | sdk/clio_util.h | sdk/clio_test*.h | tests/abi/clio-*.h) echo 600 ;;
  *.h) echo 150 ;;
  plugins/*) echo 400 ;;
  *) echo 600 ;;
  esac
}
for f in $sources; do
  n=$(wc -l <"$f")
  [ "$n" -le "$(limit_of "$f")" ] || complain "$f: $n lines, more than $(limit_of "$f")"
  head -1 "$f" | grep -q '^/\* ' || complain "$f:1: does not open with what it is for"
  awk -v f="$f" '
    length($0) > 110 && !/"[^"]{50,}"/ { printf "%s:%d: %d columns\n", f, FNR, length($0) }
    /^[a-zA-Z_].*\)( \{|)$/ && !/;$/ && !/^extern/ { start = FNR; name = $0 }
    /^\}/ { if (start && FNR - start > 80) printf "%s:%d: %d lines: %s\n", f, start, FNR - start, name; start = 0 }
  ' "$f" | grep . && bad=1
done

# every public declaration of a header in core/ and sdk/ stands under a comment, alone or as a block
for f in core/*.h sdk/*.h plugins/lib/*.h; do
  awk -v f="$f" '
    /\*\/[ \t]*$/ { comment = FNR }
    /^[a-z].*[a-z_0-9]\(.*[;,]$/ && !/^(typedef|return|static|if|for)/ {
      if (!comment || FNR - comment > 12) printf "%s:%d: a declaration without a comment\n", f, FNR
    }' "$f" | grep . && bad=1
done

if command -v clang-format >/dev/null; then
  for f in $sources; do
    clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || complain "$f: not clang-format's; clang-format -i $f"
  done
else
  echo "style: clang-format is not installed; its check is left out" >&2
fi
[ $bad = 0 ] && echo "style: nothing to complain about"
exit $bad
