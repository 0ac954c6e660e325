#!/bin/sh
# The command of the image: its first word says what runs. The rest is handed on.
set -eu
cd "$(dirname "$0")/.."
app=${1:-}
[ $# -eq 0 ] || shift

# MB for the young: docker/start/app-process.ts says why.
case $app in
  ingest | router | control) semi_space_mb=16 ;;
  delivery) semi_space_mb=8 ;;
  relay) exec node --enable-source-maps dist/apps/ingest/src/relay-command.js "$@" ;;
  *)
    echo "usage: ingest | router | delivery | control [migrate | republish] | relay <command> (not \"$app\")" >&2
    exit 64
    ;;
esac
# In place of this shell, so that a signal reaches the app.
exec node --enable-source-maps "--max-semi-space-size=$semi_space_mb" "dist/apps/$app/src/main.js" "$@"
