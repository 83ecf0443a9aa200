#!/bin/sh
# kill.sh - kill -9 at random moments, then the same command: the same bytes, and no text where it must not
# lie. CLIO_KILLS (default 6) kills, CLIO_KILL_SEED chooses other moments.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
mkdir "$work/kill"
python3 "$CLIO_SRC/tests/e2e/kill.py" "$CLIO" "$CLIO_SRC/configs/local.yaml" "$work/kill" \
  "${CLIO_KILLS:-6}" "${CLIO_KILL_SEED:-1}" || fail "kill.py"
finish
