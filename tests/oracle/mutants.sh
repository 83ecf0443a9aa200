#!/bin/sh
# mutants.sh - breaks copies of the gate as mutants.txt says, links the oracle
# with each, and sees that it finds what it must. Run from the build folder by
# `make check-mutants`, which sets CLIO_SRC, CLIO_BUILD, CC, MUTANT_CFLAGS and
# MUTANT_LIBS. N=... tables each (2,000); ONLY=... mutants whose name holds it.
set -eu
list=$CLIO_SRC/tests/oracle/mutants.txt
tables=${N:-2000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
wrong=0 right=0

# apply FILE OLD NEW: replaces OLD, which must stand there exactly once.
apply() {
  OLD=$2 NEW=$3 awk '
    BEGIN { old = ENVIRON["OLD"]; new = ENVIRON["NEW"] }
    { at = index($0, old)
      if (at) { seen++; $0 = substr($0, 1, at - 1) new substr($0, at + length(old)) }
      print }
    END { exit seen != 1 }' "$1" > "$1.new" && mv "$1.new" "$1"
}

# run BINARY TABLES: the codes found, as "CODE NUMBER, ..."; empty if there were none, "crashed" if
# it did not come to an end.
run() {
  timeout 600 "$1" -n "$2" -q >"$work/found" && status=0 || status=$?
  if [ "$status" -gt 1 ]; then echo crashed; else sed -n 's/^failed: [0-9]* tables;//p' "$work/found"; fi
}

# found: does `codes` hold what the mutant must show?
found() { printf '%s' "$codes" | tr ',' '\n' | grep -Eq "^ ($expect) [0-9]"; }

build() { # the objects of the oracle, mutated files of the gate, the library
  objects=
  for file in "$work"/*.c; do
    [ -e "$file" ] || continue
    # shellcheck disable=SC2086
    $CC $MUTANT_CFLAGS -w -c "$file" -o "${file%.c}.o" || return 1
    objects="$objects ${file%.c}.o"
  done
  # shellcheck disable=SC2086
  $CC $MUTANT_CFLAGS "$CLIO_BUILD"/tests/oracle/oracle-*.o $objects \
    "$CLIO_BUILD/.libs/libclio-core.a" $MUTANT_LIBS -o "$work/mutant"
}

finish() { # judges the mutant that has been read
  [ -n "$name" ] || return 0
  case $name in *"${ONLY:-}"*) ;; *) return 0 ;; esac
  verdict= codes=
  if [ -n "$broken" ]; then verdict="STALE ($broken)"
  elif ! build; then verdict="DOES NOT BUILD"
  else
    codes=$(run "$work/mutant" "$tables")
    # what shows in one table of some thousand wants more of them
    [ "$codes" = crashed ] || found || codes=$(run "$work/mutant" $((10 * tables)))
    if found; then verdict=caught
    elif [ "$codes" = crashed ]; then verdict=CRASHED
    else verdict="NOT CAUGHT (wanted $expect)"; fi
  fi
  if [ "$verdict" = caught ]; then right=$((right + 1)); else wrong=$((wrong + 1)); fi
  printf '%-55s %s%s\n' "$name" "$verdict" "${codes:+;$codes}"
}

name= broken=
[ -f "$CLIO_BUILD/tests/oracle/oracle-attack.o" ] || { echo "skipped: no oracle without GLPK"; exit 77; }
build || exit 1
base=$(run "$work/mutant" "$tables")
echo "unbroken: ${base:- nothing found}"
while IFS= read -r line; do
  rest=${line#? }
  case $line in
  '= '*)
    finish
    rm -f "$work"/*.[co]
    name=$rest broken= expect= old= new_seen= ;;
  '@ '*)
    file=$work/$rest
    [ -e "$file" ] || cp "$CLIO_SRC/core/$rest" "$file" ;;
  '- '*) old=$rest pending=1 ;;
  '+ '*)
    if [ -n "$pending" ]; then apply "$file" "$old" "$rest" || broken="$old"; pending= last=$rest
    else # a second line of the replacement
      nl='
'
      apply "$file" "$last" "$last$nl$rest" || broken="$last"
      last=$rest
    fi ;;
  '! '*) expect=$(printf '%s' "$rest" | sed 's/\./\\./g') ;;
  esac
done < "$list"
finish
echo "$right caught, $wrong wrong"
[ "$wrong" -eq 0 ]
