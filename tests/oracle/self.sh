#!/bin/sh
# self.sh - the oracle can fail: a model of the gate passes, and the same model
# with any one rule left out is caught.
exec "$CLIO_BUILD/tests/oracle/oracle" -t -n 150
