#!/bin/sh
# Runs the tests of Python for each Python of this machine, in a build directory of its own:
#
#     tools/check-pythons.sh                         all that are new enough, with and without the lock
#     tools/check-pythons.sh python3.14t ...         these
#     PYON_REFERENCE=DIR tools/check-pythons.sh      with the sipyco in DIR: compares values with it, and runs its tests
#
# At the end there is a line for each.
set -eu
cd "$(dirname "$0")/.."
. tools/pythons.sh

[ $# != 0 ] || {
    # shellcheck disable=SC2046  # a list of paths
    set -- $(pythons)
}
[ $# != 0 ] || {
    echo 'check-pythons: there is no Python 3.10 or newer' >&2
    exit 1
}

results= status=0
for python; do
    if PYTHON=$python tools/make.sh check TESTS='tests/check-python tests/check-project' VERBOSE=1; then
        result=passed
    else
        result=failed status=1
    fi
    results="$results$("$python" -VV | head -n 1): $result
"
done
printf '%s' "$results"
exit "$status"
