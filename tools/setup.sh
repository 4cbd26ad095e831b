# Sourced by check.sh, demo.sh and bench/run, with the name to speak under in $program, in the top
# directory: sets up what is missing on this machine.
#
#   PYTHON=python3.13  another interpreter than python3; it gets directories of its own, and so
#                      does a debug build (python3.11d) or one without a lock (python3.13t)
#
# After `setup TOOL...` the tools are there, $venv is a virtual environment with fastpyon in it,
# built from this tree, and $build is the directory to build in. What is up to date is left alone.

# Other versions of clang-format lay out a few things differently.
requirements='setuptools>=77 numpy>=2 pytest hypothesis tqdm clang-format==14.0.6'

say() {
    echo "$program: $*"
}

die() {
    say "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Runs a command; shows what it printed only if it failed.
quiet() {
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || {
        cat "$log" >&2
        rm "$log"
        die "failed: $*"
    }
    rm "$log"
}

# What has been built in the tree itself would be found from the build directory, too.
clean_tree() {
    [ -f config.status ] || return 0
    say "the tree itself is configured: make distclean"
    quiet make distclean
}

have_libfuzzer() {
    have clang && [ -n "$(find "$(clang -print-resource-dir)/" -name 'libclang_rt.fuzzer*' 2>/dev/null)" ]
}

# The packages of Debian that bring a tool, where they are not called as it is.
package_of() {
    case $1 in
    cc) echo gcc libc6-dev ;;
    autoreconf) echo autoconf ;;
    libtoolize) echo libtool ;;
    aarch64-linux-gnu-gcc) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
    i686-linux-gnu-gcc) echo gcc-i686-linux-gnu libc6-dev-i386-cross ;;
    qemu-aarch64) echo qemu-user ;;
    libfuzzer) # of the version of clang
        version=$(clang -dumpversion 2>/dev/null | sed 's/\..*//')
        echo "libclang-rt-${version:+$version-}dev"
        ;;
    *) echo "$1" ;;
    esac
}

# Prints a line "TOOL: PACKAGE..." for each tool that is not there.
missing() {
    for tool; do
        case $tool in
        python) missing_python ;;
        re2c) have re2c || [ -f lib/lexer.c ] || echo 're2c: re2c' ;;
        libfuzzer) have_libfuzzer || echo "$tool: $(package_of "$tool")" ;;
        qemu-*) [ "qemu-$(uname -m)" = "$tool" ] || have "$tool" || echo "$tool: $(package_of "$tool")" ;;
        *) have "$tool" || echo "$tool: $(package_of "$tool")" ;;
        esac
    done
}

# The packages of python3.13 are python3.13, python3.13-venv, python3.13-dev; a debug build is in
# python3.13-dbg.
missing_python() {
    package=${python##*/}
    case $package in
    *d)
        package=${package%d}
        "$python" -c '' 2>/dev/null || {
            echo "$python: $package-dbg $package-venv $package-dev"
            return
        }
        ;;
    esac
    if ! "$python" -c '' 2>/dev/null; then
        echo "$python: $package $package-venv $package-dev"
        return
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        echo "venv of $python: $package-venv"
    "$python" -c 'import os, sysconfig
os.stat(os.path.join(sysconfig.get_path("include"), "Python.h"))' 2>/dev/null ||
        echo "headers of $python: $package-dev"
}

# The packages of what is missing.
packages_of() {
    printf '%s\n' "$1" | sed 's/.*: //' | tr '\n' ' ' | sed 's/ $//'
}

setup_tools() {
    lacking=$(missing "$@")
    [ -n "$lacking" ] || return 0
    packages=$(packages_of "$lacking")
    names=$(printf '%s\n' "$lacking" | sed 's/: .*/,/' | tr '\n' ' ' | sed 's/, $//')

    if ! have apt-get; then
        die "missing: $names; install them (the packages of Debian are: $packages) and try again"
    elif [ "$(id -u)" = 0 ]; then
        root=
    elif have sudo; then
        root=sudo
    else
        die "missing: $names; as root: apt-get install $packages"
    fi
    say "installing with apt-get: $packages"
    # shellcheck disable=SC2086  # lists of words
    {
        quiet $root apt-get update
        quiet $root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends $packages
    }
    lacking=$(missing "$@")
    [ -z "$lacking" ] || die "still missing: $lacking"
}

# After setup: tools that tests can do without, as they are skipped then. Tried once, each by itself.
setup_optional() {
    lacking=$(missing "$@")
    stamp=$venv/optional.stamp
    [ -n "$lacking" ] && have apt-get && [ "$(cat "$stamp" 2>/dev/null)" != "$lacking" ] ||
        return 0
    root=
    [ "$(id -u)" = 0 ] || root='sudo -n'
    say "installing with apt-get, for more tests: $(packages_of "$lacking")"
    $root apt-get update >/dev/null 2>&1 </dev/null || :
    for tool; do
        packages=$(packages_of "$(missing "$tool")")
        # shellcheck disable=SC2086  # a list of words
        [ -z "$packages" ] ||
            $root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y --no-install-recommends $packages >/dev/null 2>&1 </dev/null ||
            say "not to be had, so some tests are skipped: $packages"
    done
    missing "$@" >"$stamp"
}

setup_venv() {
    "$venv/bin/python" -c '' 2>/dev/null || {
        say "making $venv with $("$python" --version)"
        rm -rf "$venv"
        quiet "$python" -m venv "$venv"
    }
    stamp=$venv/requirements.stamp
    [ "$(cat "$stamp" 2>/dev/null)" != "$requirements" ] || return 0
    say "installing into $venv: $requirements"
    # shellcheck disable=SC2086  # a list of words
    quiet "$venv/bin/pip" install -q $requirements
    # What fastpyon replaces, to compare with: where the package index has it.
    "$venv/bin/pip" install -q --no-deps sipyco >/dev/null 2>&1 </dev/null || :
    echo "$requirements" >"$stamp"
}

setup_extension() {
    stamp=$venv/fastpyon.stamp
    [ ! -f "$stamp" ] || [ -n "$(find lib pymod setup.py pyproject.toml configure.ac \
        -type f ! -name '*.pyc' -newer "$stamp")" ] || return 0
    say "building fastpyon"
    quiet "$venv/bin/pip" install -q --no-deps --no-build-isolation --force-reinstall .
    : >"$stamp"
}

# Sets $python, and the directories that are its own.
setup_python() {
    python=${PYTHON:-python3}
    setup_tools python "$@"
    venv=.venv
    build=build
    if [ -n "${PYTHON:-}" ]; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2] + sys.abiflags)')
        venv=.venv-$version
        build=build-$version
    fi
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        die "$("$python" --version) is too old: set PYTHON to one of 3.10 or newer"
}

setup() {
    setup_python "$@"
    setup_venv
    setup_extension
}
