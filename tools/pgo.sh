#!/bin/sh
# `make pgo`: builds the library, the command and the extension once more, tuned by a profile, in pgo/ of the build tree.
# gcc counts what the benchmark's workloads do (bench/train.py) and lays out the code for that: 5 to 10% less time for
# small values. Runs in the build tree, takes some minutes, and needs gcc. Then:
#
#     make -C pgo install               installs it
#     PYTHONPATH=$PWD/pgo/python ...    tries the package
#
# `pgo.sh --counting` and `pgo.sh --tuned` only print the flags of the two builds, for tools/wheels.sh.
set -eu
counting=-fprofile-generate
# Loops that are unrolled for the training make others slower. What has not run is compiled as without a profile.
loops='-fno-tracer -fno-unroll-loops -fno-peel-loops -fno-split-loops'
tuned="-fprofile-use -fprofile-partial-training -Wno-missing-profile $loops"
case ${1:-} in
--counting) echo "$counting" && exit ;;
--tuned) echo "$tuned" && exit ;;
esac
: "${srcdir:?}" "${PYTHON:?}"
srcdir=$(cd "$srcdir" && pwd)
jobs=$(getconf _NPROCESSORS_ONLN)

die() {
    echo "pgo: $*" >&2
    exit 1
}

quietly() {
    "$@" >log 2>&1 </dev/null || {
        cat log >&2
        die "this has failed: $*"
    }
}

[ -f python/stamp ] || die 'the build tree has no package for Python, whose benchmark is needed'
case $(${CC:-cc} --version) in
*'Free Software Foundation'*) ;;
*) die "${CC:-cc} is no gcc" ;;
esac
mkdir -p pgo
eval "set -- $(./config.status --config)"
cd pgo
[ -f Makefile ] || quietly "$srcdir/configure" "$@"
flags=$(sed -n 's/^CFLAGS = //p' Makefile)

# build FLAGS: all, with these flags besides. What was compiled with others goes, but not its profile.
build() {
    find . \( -name '*.o' -o -name '*.lo' -o -name '*.la' -o -name '*.so' \) -exec rm -f {} +
    rm -f pyon python/stamp
    # A make of its own, not a part of the one that runs this.
    (unset MAKEFLAGS MFLAGS MAKELEVEL && quietly make -j "$jobs" all CFLAGS="$flags $1")
}

echo 'pgo: building what counts'
find . -name '*.gcda' -exec rm -f {} +
build "$counting"
echo 'pgo: training'
(
    PYTHONPATH=$PWD/python:$srcdir
    export PYTHONPATH
    quietly "$PYTHON" -m bench.train --pyon "$PWD/pyon"
)
echo 'pgo: building what is tuned'
build "$tuned"
echo "pgo: made $PWD/python, $PWD/pyon and the library"
