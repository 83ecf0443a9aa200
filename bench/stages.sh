#!/bin/sh
# stages.sh [CONVERSATIONS...] - each stage of configs/local.yaml in rows per second, and the memory that
# reading took, on so many synthetic conversations (default: 25000 100000). The rows of a stage are
# those it was given; its seconds are summed over workers. Memory is the process's peak: 'streamed' up to
# the barrier, which should hardly grow with the number of rows, 'in all' with the whole-table stages.
set -eu
src=$(cd "$(dirname "$0")/.." && pwd)
clio=${CLIO-$src/clio}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- 25000 100000

for n in "$@"; do
  sed "s|use: source/jsonl, path: \"\${input}\"|use: source/synthetic, conversations: $n, accounts: $((n / 5)), topics: 40|" \
    "$src/configs/local.yaml" | grep -v "^vars:" >"$work/graph.yaml"
  "$clio" run "$work/graph.yaml" -o "$work/out-$n" --fresh --quiet
  printf '\n%s conversations, %s threads\n%-14s %-24s %10s %9s %12s\n' "$n" \
    "$(sed -n 's/^  "threads": \([0-9]*\),*$/\1/p' "$work/out-$n/manifest.json")" \
    stage use rows seconds 'rows/second'
  awk '
    /^  "stages": \[/ { inside = 1 }
    /^  ]/ { inside = 0 }
    /^  "rss_streamed_mib"/ { streamed = $2 + 0 }
    /^  "rss_mib"/ { all = $2 + 0 }
    !inside { next }
    { value = $0; sub(/^[^:]*: "?/, "", value); sub(/"?,?$/, "", value) }
    /"id":/ { id = value }
    /"use":/ { use = value }
    /"rows_in":/ { rows = value + 0 }
    /"rows_out":/ { if (value + 0 > rows) rows = value + 0 }
    /"seconds":/ {
      seconds = value + 0
      rate = "-"
      if (seconds > 0.005) rate = sprintf("%.0f", rows / seconds)
      printf "%-14s %-24s %10d %9.2f %12s\n", id, use, rows, seconds, rate
    }
    END { printf "memory: %d MiB streamed, %d MiB in all\n", streamed, all }
  ' "$work/out-$n/manifest.json"
done
