#!/bin/sh
# help.sh - --help, the manual pages and the completions come from one description: every command and
# option of --help stands in all of them; the pages pass the linters that are here; bash completes.
. "$CLIO_SRC/tests/e2e/lib.sh"
cd "$CLIO_BUILD" || exit 99
"$CLIO" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\)  .*/\1/p' >"$work/commands"
[ "$(wc -l <"$work/commands")" -ge 4 ] || fail "clio --help lists no commands"

holds() { # holds FILE PATTERN WHAT
  grep -qE -- "$2" "$1" || fail "$3: $1 lacks $2"
}

while read -r c; do
  COLUMNS=80 "$CLIO" "$c" --help >"$work/help" || fail "$c --help: exit $?"
  [ "$(wc -L <"$work/help")" -le 80 ] || fail "$c --help is wider than 80 columns"
  for part in Options Examples 'Exit codes'; do holds "$work/help" "^$part" "$c --help"; done
  page=man/clio-$c.1
  [ -f "$page" ] || fail "there is no $page"
  holds man/clio.1 "^\\.BR clio\\\\-$c \\(1\\)" "clio.1"
  holds completion/_clio "^  '$c:" zsh
  holds completion/clio.fish "-a $c " fish
  holds completion/clio "^_clio_commands=.*\\<$c\\>" bash
  sed -n '/^  *\(-., \)\?--/s/^  *\(-., \)\?--\([a-z-]*\).*/\2/p' "$work/help" >"$work/options"
  while read -r o; do
    holds "$page" "\\\\-\\\\-$(echo "$o" | sed 's/-/\\\\-/g')" "$c --$o"
    holds completion/clio "^  $c\\) echo .*--$o[ ']" "bash: $c --$o"
    sed -n "/^  $c) /,/;;/p" completion/_clio >"$work/zsh"
    holds "$work/zsh" "--$o[\\[}]" "zsh: $c --$o"
    [ "$o" = help ] || holds completion/clio.fish "from $c'.* -l $o " "$c --$o"
  done <"$work/options"
  for code in $(sed -n '/^Exit codes/,/^$/s/^  \([0-9]*\) .*/\1/p' "$work/help"); do
    holds "$page" "^\\.B \"$code\"" "$c: exit $code"
  done
done <"$work/commands"
holds completion/clio.fish '-l help' fish

# A command line that is wrong exits 2 and says so on stderr alone.
for c in $(cat "$work/commands"); do
  clio "$c" --no-such-option
  want_code 2 "$c --no-such-option"
  want_err "no-such-option" "$c --no-such-option"
  [ -s "$work/out" ] && fail "$c --no-such-option printed on stdout"
done

for page in man/*.[15]; do
  if command -v mandoc >/dev/null; then
    mandoc -Tlint -W style "$page" >"$work/lint" 2>&1 || fail "mandoc: $(head -3 "$work/lint")"
  fi
  if command -v groff >/dev/null; then
    groff -ww -man -Tutf8 "$page" 2>"$work/lint" >"$work/text"
    [ -s "$work/lint" ] && fail "groff: $(head -3 "$work/lint")"
  fi
  if command -v man >/dev/null; then
    MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -l "$page" 2>"$work/lint" >"$work/text"
    [ -s "$work/lint" ] && fail "man: $(head -3 "$work/lint")"
  fi
done

# Completion, as the shells would call it.
mkdir -p "$work/here/old" "$work/here/other" "$work/bin"
touch "$work/here/graph.yaml" "$work/here/notes.txt" "$work/here/old/manifest.json"
ln -s "$CLIO" "$work/bin/clio"
complete_bash() { # complete_bash WORD...: what may stand in place of the last word
  (cd "$work/here" && CLIO_DIR=$work/bin bash -c '
    PATH=$CLIO_DIR:$PATH; shopt -s extglob; . "$0"
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _clio; printf "%s\n" "${COMPREPLY[@]}"' \
    "$CLIO_BUILD/completion/clio" "$@")
}
offers() { # offers "WANTED..." WORD...
  wanted=$1
  shift
  got=$(complete_bash "$@" | sort | tr '\n' ' ' | sed 's/ $//')
  [ "$got" = "$wanted" ] || fail "bash completes '$*' to '$got', wanted '$wanted'"
}
if command -v bash >/dev/null; then
  bash -n completion/clio || fail "bash cannot read its completion"
  offers "check" clio che
  offers "--max-cost --max-memory" clio run --max
  offers "graph.yaml old other" clio run ""
  offers "old" clio show ""
  offers "old" clio run graph.yaml -o ""
  offers "old" clio run graph.yaml --out = o
  offers "graph.yaml notes.txt old other" clio run -i ""
  offers "sampler/random" clio inspect sampler/r
  offers "" clio show old ""
fi
if command -v zsh >/dev/null; then zsh -n completion/_clio || fail "zsh cannot read its completion"; fi
if command -v fish >/dev/null; then
  fish -n completion/clio.fish || fail "fish cannot read its completion"
  (cd "$work/here" && PATH=$work/bin:$PATH fish --no-config -c \
    "source $CLIO_BUILD/completion/clio.fish; complete -C 'clio inspect sampler/r'") |
    grep -q '^sampler/random' || fail "fish does not complete a stage"
fi
finish
