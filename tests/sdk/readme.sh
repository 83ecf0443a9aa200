#!/bin/sh
# readme.sh - follows sdk/README.md to the letter: writes the files it shows, runs the commands it gives.
. "$CLIO_SRC/tests/e2e/lib.sh"
unset CLIO_PLUGIN_PATH CLIO_DATA_PATH
export XDG_DATA_HOME="$work/home"
PATH=$CLIO_BUILD:$PATH
export PATH
cd "$work" || exit 1
# The files that are shown and the commands, in the order in which they stand.
steps() {
  awk '
    /^<!-- file: / { file = $3; next }
    /^```c$/ && file != "" { mode = "file"; print "cat >" file " <<\"END_OF_FILE\""; next }
    /^```sh$/ { mode = "shell"; next }
    /^```$/ { if (mode == "file") print "END_OF_FILE"; mode = ""; file = ""; next }
    mode != "" { print }
  ' "$CLIO_SRC/sdk/README.md"
}
steps >steps.sh
[ "$(grep -c '^cat >' steps.sh)" = 2 ] || fail 'the README shows another number of files than two'
[ "$(grep -c '^make' steps.sh)" -ge 5 ] || fail 'the README gives fewer commands than it did'
sh -eu steps.sh >log 2>&1 || {
  fail 'a step of the README fails'
  tail -15 log
}
grep -q '"shouting"' shouting/graph.yaml && fail 'graph.yaml was not written by clio new'
[ -s shouting/out/public/clusters.json ] || fail 'the graph of the README released nothing'
[ -f shouting/plugins/extractor/shouting.so ] || fail 'make install put the plugin elsewhere'
grep -q 'warning' log && fail 'the README builds with warnings'
finish
