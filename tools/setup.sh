# Sourced by check.sh, demo.sh and bench/run, with the name to speak under in $program and the number of its
# steps in $steps, in the top directory: sets up what is missing on this machine.
#
#   PYTHON=python3.13  another interpreter than python3; it gets directories of its own, and so
#                      does a debug build (python3.11d) or one without a lock (python3.13t)
#
# After `setup TOOL...` the tools are there, $venv is a virtual environment with $requirements in it, and $build is the
# directory to build in. After `setup_fastpyon` the environment has fastpyon, too, built from this tree. What is up to
# date is left alone.

# For the extension; and for the tests. Other versions of clang-format lay out a few things differently.
requirements='setuptools>=77 numpy>=2'
test_requirements='pytest hypothesis clang-format==14.0.6 mypy==2.4.1 ruff==0.17.6'
# Those that the package index may not have: what fastpyon replaces, to compare with; what runs tests side by side; and
# what archives of results are made from.
more_requirements='sipyco'
more_test_requirements='execnet pytest-xdist h5py zstandard pyzmq'
# For tools/site.sh alone: they take half a minute to install.
site_requirements='sphinx>=8 myst-parser>=4 furo railroad-diagrams>=3'

# All that check.sh and demo.sh need, so that a user who has to ask an administrator for it asks once; and the tools
# that some tests are skipped without.
all_tools='cc re2c make autoreconf automake libtoolize pkg-config'
more_tools='valgrind aarch64-linux-gnu-gcc qemu-aarch64 clang libfuzzer cppcheck'

say() {
    echo "$program: $*"
}

# What begins now, with its number.
step() {
    number=$((${number:-0} + 1))
    say "[$number/$steps] $*"
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
        re2c) have re2c || [ -f lib/lex/lexer.c ] || echo 're2c: re2c' ;;
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

# Sets $root to the command, if any, before what an administrator does; fails if there is none.
administrator() {
    root=
    [ "$(id -u)" != 0 ] || return 0
    have sudo || return 1
    root=sudo
    if [ -t 0 ]; then # it may ask for a password
        sudo -v
    else
        sudo -n true 2>/dev/null
    fi
}

apt_install() {
    # shellcheck disable=SC2086  # an empty word, or one
    $root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Dies, and says at once what an administrator is to install for all commands.
ask_administrator() {
    # shellcheck disable=SC2086  # lists of words
    packages=$(packages_of "$(missing python $all_tools)")
    # shellcheck disable=SC2086
    more_packages=$(packages_of "$(missing $more_tools)")
    say "missing: $names; all that check.sh and demo.sh need, to be installed as root:
    apt-get install $packages" >&2
    [ -z "$more_packages" ] || say "optional, for more tests of check.sh:
    apt-get install --no-install-recommends $more_packages" >&2
    exit 1
}

setup_tools() {
    lacking=$(missing "$@")
    [ -n "$lacking" ] || return 0
    names=$(printf '%s\n' "$lacking" | sed 's/: .*/,/' | tr '\n' ' ' | sed 's/, $//')
    have apt-get ||
        die "missing: $names; install them (the packages of Debian are: $(packages_of "$lacking")) and try again"
    administrator || ask_administrator
    packages=$(packages_of "$lacking")
    say "installing with apt-get: $packages"
    # Some list of packages that cannot be had may not be the one that is needed.
    $root apt-get update >/dev/null 2>&1 </dev/null || :
    # shellcheck disable=SC2086  # a list of words
    quiet apt_install $packages
    lacking=$(missing "$@")
    [ -z "$lacking" ] || die "still missing: $lacking"
}

# Tools that tests can do without, as they are skipped then: installed while something else is done, until
# setup_optional_end. Tried once.
setup_optional_begin() {
    lacking=$(missing "$@")
    optional_job=
    [ -n "$lacking" ] && have apt-get && [ "$(cat "$venv.optional" 2>/dev/null)" != "$lacking" ] ||
        return 0
    packages=$(packages_of "$lacking")
    root=
    if [ "$(id -u)" != 0 ]; then
        root='sudo -n'
        sudo -n true 2>/dev/null || {
            say "some tests are skipped without these packages: $packages"
            return 0
        }
    fi
    say "installing with apt-get meanwhile, for more tests: $packages"
    setup_optional "$@" >/dev/null 2>&1 </dev/null &
    optional_job=$!
}

# All at once, or each by itself.
setup_optional() {
    $root apt-get update || :
    # shellcheck disable=SC2046,SC2086  # lists of words
    apt_install $packages || for tool; do
        packages=$(packages_of "$(missing "$tool")")
        [ -z "$packages" ] || apt_install $packages || :
    done
}

setup_optional_end() {
    [ -n "$optional_job" ] || return 0
    wait "$optional_job" || :
    lacking=$(missing "$@")
    echo "$lacking" >"$venv.optional"
    [ -z "$lacking" ] || say "not to be had, so some tests are skipped: $(packages_of "$lacking")"
}

setup_venv() {
    "$venv/bin/python" -c '' 2>/dev/null || {
        rm -rf "$venv"
        quiet "$python" -m venv "$venv"
    }
    stamp=$venv/requirements.stamp
    # What check.sh has installed is enough for demo.sh.
    case " $(cat "$stamp" 2>/dev/null) " in *" $requirements "*) return 0 ;; esac
    # shellcheck disable=SC2086  # a list of words
    quiet "$venv/bin/pip" install -q $requirements
    for package in $more_requirements; do
        "$venv/bin/pip" install -q --no-deps "$package" >/dev/null 2>&1 </dev/null || :
    done
    echo "$requirements" >"$stamp"
}

setup_extension() {
    stamp=$venv/fastpyon.stamp
    [ ! -f "$stamp" ] || [ -n "$(find lib cmd pymod setup.py pyproject.toml configure.ac \
        -type f ! -name '*.pyc' -newer "$stamp")" ] || return 0
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
    step 'the tools'
    setup_python "$@"
    # shellcheck disable=SC2086  # a list of words
    [ -z "${optional_tools:-}" ] || setup_optional_begin $optional_tools
    step "Python packages, for $("$python" --version) in $venv: $requirements"
    setup_venv
}

setup_fastpyon() {
    step "building fastpyon into $venv"
    setup_extension
}
