
_clio_text() { _message 'a value' }
_clio_file() { _files }
_clio_graph() { _files -g '*.(yaml|yml|json)(-.)' }
_clio_plugin() { _files -g '*.so(-.)' }
_clio_out() { _files -g '*(-/e:"[[ -e $REPLY/manifest.json ]]":)' || _files -/ }
_clio_stage() {
  local -a stages
  stages=(${(f)"$(clio --complete stages 2>/dev/null)"})
  compadd -a stages
}

_clio() {
  if ((CURRENT == 2)); then
    _describe command _clio_commands
    return
  fi
  shift words
  ((CURRENT--))
  _clio_command
}

_clio "$@"
