
# What may stand there, by its kind, into COMPREPLY.
_clio_values() {
  local cur=$1 kind=$2 dir
  case $kind in
  text) ;;
  stage) mapfile -t COMPREPLY < <(compgen -W "$(clio --complete stages 2>/dev/null)" -- "$cur") ;;
  graph)
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -X '!*.@(yaml|yml|json)' -- "$cur"; compgen -d -- "$cur")
    ;;
  plugin)
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -X '!*.so' -- "$cur"; compgen -d -- "$cur")
    ;;
  out)
    compopt -o filenames 2>/dev/null
    while IFS= read -r dir; do
      [ -e "$dir/manifest.json" ] && COMPREPLY+=("$dir")
    done < <(compgen -d -- "$cur")
    [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    ;;
  *)
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    ;;
  esac
}

# Which word after the options is being typed: 1, 2 ...
_clio_word_number() {
  local i n=1
  for ((i = 2; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -?* ]] && continue
    [ -n "$(_clio_value_kind "${COMP_WORDS[1]}" "${COMP_WORDS[i - 1]}")" ] || n=$((n + 1))
  done
  echo "$n"
}

_clio() {
  local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command=${COMP_WORDS[1]} kind
  COMPREPLY=()
  if [ "$before" = = ]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  elif [ "$cur" = = ]; then
    cur=
  fi
  if [ "$COMP_CWORD" -le 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$_clio_commands --help --version" -- "$cur")
    return
  fi
  kind=$(_clio_value_kind "$command" "$before")
  if [ -z "$kind" ] && [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_clio_options "$command")" -- "$cur")
    return
  fi
  [ -n "$kind" ] || kind=$(_clio_word_kind "$command" "$(_clio_word_number)")
  [ -z "$kind" ] || _clio_values "$cur" "$kind"
}
complete -F _clio clio
