#!/bin/sh
# purge.sh - clio purge frees OUT/private and nothing else, asks nobody where there is nobody, and keeps
# away from folders that are no run's.
. "$CLIO_SRC/tests/e2e/lib.sh"
unset CLIO_PROJECT_KEY
mkdir "$work/p"
clio run "$CLIO_SRC/configs/demo.yaml" -o "$work/p/out" --quiet
want_code 0 "the demo"
[ -d "$work/p/.clio" ] || fail "the run made no .clio"
(cd "$work/p" && find . -type f ! -path './out/private/*' -exec sha256sum {} +) | sort >"$work/before"
touch "$work/p/out/manifest.json.tmp"

clio purge "$work/p/out" --dry-run
want_code 0 "--dry-run"
grep -q '^would free [1-9].* files of .*/p/out/private$' "$work/out" || fail "--dry-run: $(cat "$work/out")"
grep -q '^the same run again reads 6,000 conversations and takes about ' "$work/out" || fail "no cost is told"
[ -f "$work/p/out/private/run.db" ] || fail "--dry-run removed something"

clio purge "$work/p/out" </dev/null
want_code 2 "without a terminal"
want_err "say --yes" "without a terminal"
[ -f "$work/p/out/private/run.db" ] || fail "it did not wait for a yes"

# While a run holds the folder, nothing goes.
if command -v flock >/dev/null; then
  flock "$work/p/out/private/lock" "$CLIO" purge "$work/p/out" --yes >"$work/out" 2>"$work/err"
  code=$?
  want_code 74 "a run at work"
  want_err "another clio is at work" "a run at work"
fi

# A ledger of two answers; what they cost is told, and --keep-ledger keeps it and nothing else.
if command -v python3 >/dev/null; then
  python3 - "$work/p/out/private/ledger.db" <<'END' || fail "no ledger could be made"
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE answers(input INTEGER, output INTEGER, cost INTEGER)")
db.execute("INSERT INTO answers VALUES(1000, 500, 1250000), (300, 200, NULL)")
db.commit()
END
  clio purge "$work/p/out" --dry-run
  grep -q '; its models cost \$1.25 for 2,000 tokens, not counting 500 without a known price$' "$work/out" ||
    fail "the ledger's worth: $(cat "$work/out")"
  clio purge "$work/p/out" --keep-ledger --yes
  want_code 0 "--keep-ledger"
  grep -q '; the answers of models stay, so it pays only for what is new$' "$work/out" ||
    fail "--keep-ledger says $(cat "$work/out")"
  [ "$(ls "$work/p/out/private")" = ledger.db ] || fail "--keep-ledger leaves $(ls "$work/p/out/private")"
fi
clio purge "$work/p/out" --yes --json
want_code 0 "--yes"
[ -e "$work/p/out/private" ] && fail "private/ is still there"
[ -e "$work/p/out/manifest.json.tmp" ] && fail "a crashed run's manifest.json.tmp is still there"
if command -v jq >/dev/null; then
  jq -e '.removed and (.ledger_kept | not) and .files >= 1 and .bytes > 0 and
    .rerun.conversations == 6000 and .rerun.seconds > 0 and .rerun.tokens == 2000 and
    .rerun.tokens_without_price == 500 and .rerun.usd == 1.25 and .answers == 2' \
    "$work/out" >/dev/null || fail "--json: $(cat "$work/out")"
fi
(cd "$work/p" && find . -type f -exec sha256sum {} +) | sort >"$work/after"
cmp "$work/before" "$work/after" || fail "purge changed a file outside private/"

# A run that was killed leaves a lock and a database, and no manifest.
mkdir -p "$work/crashed/private" "$work/foreign/private"
touch "$work/crashed/private/lock" "$work/crashed/private/run.db" "$work/foreign/private/diary"
clio purge "$work/crashed" --yes
want_code 0 "a crashed run"
[ -e "$work/crashed/private" ] && fail "a crashed run's private/ stays"

# What no run has made stays, and is named.
mkdir -p "$work/mixed/private/tables/0123456789abcdef0123" "$work/mixed/private/tables/mine"
touch "$work/mixed/private/lock" "$work/mixed/private/run.db" "$work/mixed/private/notes.txt"
clio purge "$work/mixed" --yes
want_code 0 "a private/ with files of others"
[ -f "$work/mixed/private/notes.txt" ] && [ -d "$work/mixed/private/tables/mine" ] || fail "purge removed what no run made"
[ -e "$work/mixed/private/run.db" ] && fail "run.db stays"
[ -e "$work/mixed/private/tables/0123456789abcdef0123" ] && fail "an entry stays"
grep -q "^left alone: 2 files and folders that no run has made, such as .*/private/notes.txt$" "$work/out" ||
  fail "what was left is not named: $(cat "$work/out")"

# A folder that cannot be read is said to be one.
if command -v setpriv >/dev/null && [ "$(id -u)" = 0 ]; then
  mkdir -m 700 "$work/shut" && chmod 755 "$work"
  setpriv --reuid 65534 --regid 65534 --clear-groups "$CLIO" purge "$work/shut" --yes >"$work/out" 2>"$work/err"
  code=$?
  if ! grep -q 'cannot execute\|failed to execute' "$work/err"; then
    want_code 74 "a folder that cannot be read"
    want_err "cannot look into the folder '$work/shut': Permission denied" "a folder that cannot be read"
  fi
fi
echo '{"clio": 1}' >"$work/foreign/manifest.json"
for wrong in "$work/foreign" "$work/none" "$work"; do
  clio purge "$wrong" --yes
  want_code 74 "purge $wrong"
done
want_err "is not the folder of a run" "a foreign folder"
[ -f "$work/foreign/private/diary" ] || fail "a foreign folder was purged"
finish
