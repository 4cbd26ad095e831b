#!/bin/sh
# Sets up what is missing, builds everything and runs all tests. See tools/setup.sh for PYTHON.
set -eu
cd "$(dirname "$0")"
program=check
steps=5
. tools/setup.sh

requirements="$requirements $test_requirements"
more_requirements="$more_requirements $more_test_requirements"
optional_tools=$more_tools
# shellcheck disable=SC2086  # a list of words
setup $all_tools
[ -z "${PYON_CHECK_ONLY_SETUP:-}" ] || {
    # shellcheck disable=SC2086  # a list of words
    setup_optional_end $optional_tools
    exit 0
}

clean_tree
jobs=$(getconf _NPROCESSORS_ONLN)
CLANG_FORMAT=$PWD/$venv/bin/clang-format
RUFF=$PWD/$venv/bin/ruff
export CLANG_FORMAT RUFF

# Warnings are errors with the compilers that have none: a newer one may find something to warn of.
werror=--disable-werror
case $(cc -dumpversion):$(cc --version) in
*clang*) ;;
1[1-4]*) werror=--enable-werror ;;
esac

step "configuring in $build"
[ -x configure ] || quiet ./bootstrap
mkdir -p "$build"
[ -f "$build/Makefile" ] ||
    # -g1 has files and lines for a debugger, but no variables, which take an eighth of the compiler's time.
    (cd "$build" && quiet ../configure "$werror" --with-python="$OLDPWD/$venv/bin/python" CFLAGS='-O2 -g1')
step "building the library and its tests in $build"
quiet make -C "$build" -j "$jobs" check TESTS=
# shellcheck disable=SC2086  # a list of words
setup_optional_end $optional_tools

# On a terminal: how far pytest, the longest of the tests, has come.
progress() {
    while sleep 2; do
        percent=$(grep -o '[0-9]*%' "$build/tests/check-python.log" 2>/dev/null | tail -n 1)
        printf 'check-python: %s \r' "${percent:-0%}"
    done
}

step 'running the tests'
rm -f "$build/tests/check-python.log" "$build/tests/check-project.log"
watcher=
if [ -t 1 ]; then
    progress &
    watcher=$!
fi
status=0
make -s -C "$build" -j "$jobs" --no-print-directory check VERBOSE=1 || status=$?
[ -z "$watcher" ] || kill "$watcher"
# The last line of pytest. There is none if pytest did not run, which is a failure here.
for test in check-project check-python; do
    pytest=$(grep -E '[0-9]+ (passed|failed|errors?)\b.* in [0-9]' "$build/tests/$test.log" | tail -n 1)
    echo "$test: ${pytest:-pytest did not run}"
    [ -n "$pytest" ] || status=1
done
exit "$status"
