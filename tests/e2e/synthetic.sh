#!/bin/sh
# synthetic.sh - the demo graph on its own corpus: it releases, what it releases adds up, nothing
# below a threshold is printed, and the same bytes come at any thread count and batch size.
. "$CLIO_SRC/tests/e2e/lib.sh"
command -v jq >/dev/null || { echo "skipped: no jq"; exit 77; }

clio run "$CLIO_SRC/configs/demo.yaml" -o "$work/p/a"
want_code 0 "demo"
tree=$work/p/a/release/clusters.json
[ -s "$tree" ] || { fail "no clusters.json"; finish; }

sums=$(jq '[.clusters[] | select(.parent == null)] | length' "$tree")
[ "$sums" = 1 ] || fail "$sums roots"
jq -e '[.clusters[] | select((.rest // false) | not) | .conversations < 50] | any | not' "$tree" >/dev/null ||
  fail "a node below cluster.conversations"
jq -e '[.clusters[] | select((.rest // false) | not) | .accounts < 25] | any | not' "$tree" >/dev/null ||
  fail "a node below cluster.accounts"
jq -e '[.clusters[].facets // {} | .[] | .[] | .count < 15] | any | not' "$tree" >/dev/null ||
  fail "a cell below cell.conversations"
# children and rest make up their parent, up to the rounding of each
jq -e '.clusters as $all | [$all[] | . as $p | [$all[] | select(.parent == $p.id)] |
    select(length > 0) | ((map(.conversations) | add) - $p.conversations) | fabs <= 2.5 * (1 + ($all | length))]
    | all' "$tree" >/dev/null || fail "children do not add up"
jq -e '[.clusters[] | select(.level == 0 and ((.rest // false) | not)) | .name | length > 0] | all' "$tree" \
  >/dev/null || fail "a leaf without a name"
grep -qE '"(time|host|path|version)"' "$tree" && fail "clusters.json holds what must not be there"
for f in clusters.csv facets.csv; do [ -s "$work/p/a/release/$f" ] || fail "no $f"; done
[ "$(stat -c %a "$work/p/a/private")" = 700 ] || fail "private/ is open"
[ "$(stat -c %a "$work/p/a/manifest.json")" = 600 ] || fail "manifest.json is open"

jq -e '.counts | .read == .used + .sampled_out + .screened_out + .bad' "$work/p/a/manifest.json" >/dev/null ||
  fail "the manifest's rows do not add up"

for how in "--threads 1" "--threads 2" "--threads 3" "--batch-rows 7" "--batch-rows 1 --threads 3"; do
  # shellcheck disable=SC2086
  clio run "$CLIO_SRC/configs/demo.yaml" -o "$work/p/b" $how
  want_code 0 "demo $how"
  diff -r "$work/p/a/release" "$work/p/b/release" >/dev/null || fail "other bytes with $how"
done
finish
