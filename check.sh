#!/bin/sh
# Sets up what is missing, builds everything and runs all tests. See tools/setup.sh for PYTHON.
set -eu
cd "$(dirname "$0")"
program=check
. tools/setup.sh

setup cc make re2c autoreconf automake libtoolize pkg-config
setup_optional aarch64-linux-gnu-gcc qemu-aarch64 i686-linux-gnu-gcc valgrind cppcheck clang libfuzzer clang-tidy
[ -z "${PYON_CHECK_ONLY_SETUP:-}" ] || exit 0

clean_tree
jobs=$(getconf _NPROCESSORS_ONLN)
CLANG_FORMAT=$PWD/$venv/bin/clang-format
export CLANG_FORMAT

[ -x configure ] || quiet ./bootstrap
mkdir -p "$build"
[ -f "$build/Makefile" ] ||
    (cd "$build" && quiet ../configure --enable-werror --with-python="$OLDPWD/$venv/bin/python")
say "building in $build"
quiet make -C "$build" -j "$jobs" check TESTS=

status=0
make -s -C "$build" -j "$jobs" --no-print-directory check VERBOSE=1 || status=$?
# What pytest said, in one line; nothing if it did not run, which is a failure here.
pytest=$(grep -E '[0-9]+ (passed|failed|errors?)\b.* in [0-9]' "$build/tests/check-python.log" | tail -n 1)
echo "${pytest:-check: pytest did not run}"
[ -n "$pytest" ] || status=1
exit "$status"
