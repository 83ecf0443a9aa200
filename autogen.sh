#!/bin/sh
# autogen.sh - bootstraps and configures.
set -e
cd "$(dirname "$0")"
autoreconf -fi
exec ./configure "$@"
