# Sourced by tools/wheels.sh and tools/check-pythons.sh: which interpreters are on this machine.

# True if an interpreter runs, is CPython, new enough, and can make environments.
is_usable() {
    "$1" -c 'import ensurepip, sys, venv
sys.exit(sys.implementation.name != "cpython" or sys.version_info < (3, 10))' >/dev/null 2>&1
}

# Prints the path of an interpreter for each minor version, with and without a lock: of PATH, of pyenv or of uv, the
# first that is found.
pythons() {
    for version in 3.10 3.11 3.12 3.13 3.13t 3.14 3.14t 3.15 3.15t 3.16 3.16t; do
        number=${version%t}
        threads=${version#"$number"}
        for python in "$(command -v "python$version")" \
            "${PYENV_ROOT:-$HOME/.pyenv}/versions/$number".*"$threads/bin/python$version" \
            "${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}/cpython-$number".*"/bin/python$version"; do
            if [ -n "$python" ] && is_usable "$python"; then
                echo "$python"
                break
            fi
        done
    done
}
