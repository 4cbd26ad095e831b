#!/bin/sh
# Builds the documentation site, in build/site/html, and sets up what is missing:
#
#     tools/site.sh
#     tools/site.sh --external    asks other sites whether links to them work, and builds nothing
#
# PYTHON as in tools/setup.sh.
set -eu
cd "$(dirname "$0")/.."
program=site
steps=5
. tools/setup.sh

setup cc re2c
setup_fastpyon
step "Python packages, for the site: $site_requirements"
# shellcheck disable=SC2086  # a list of words
"$venv/bin/python" -c 'import sphinx, furo, myst_parser, railroad' 2>/dev/null ||
    quiet "$venv/bin/pip" install -q $site_requirements
step 'the pages'
exec "$venv/bin/python" tools/site/build.py "$@" "$build/site"
