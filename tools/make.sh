#!/bin/sh
# Sets up what is missing, configures in build/ and makes targets there:
#
#     tools/make.sh check-asan
#     tools/make.sh fuzz FUZZ_SECONDS=600
#     CONFIGURE=--without-python tools/make.sh check-library
#
# CONFIGURE has more options of configure, for a build directory that is not configured yet. With --without-python among
# them nothing is installed: the tools must be there. Else they are those of check.sh.
set -eu
cd "$(dirname "$0")/.."

case " ${CONFIGURE:-} " in
*' --without-python '*) build=build python=--without-python ;;
*)
    PYON_CHECK_ONLY_SETUP=1 ./check.sh
    program=make.sh
    . tools/setup.sh
    setup_python
    python=--with-python=$PWD/$venv/bin/python
    ;;
esac
[ -x configure ] || ./bootstrap
mkdir -p "$build"
# shellcheck disable=SC2086  # a list of words
[ -f "$build/Makefile" ] || (cd "$build" && ../configure "$python" ${CONFIGURE:-})
exec make -C "$build" -j "$(getconf _NPROCESSORS_ONLN)" "$@"
