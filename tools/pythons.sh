# Sourced by tools/wheels.sh: which interpreters are on this machine.

# True if an interpreter runs, is CPython, new enough, has a lock, and can make environments.
is_usable() {
    "$1" -c 'import ensurepip, sys, sysconfig, venv
sys.exit(sys.implementation.name != "cpython" or sys.version_info < (3, 10)
    or bool(sysconfig.get_config_var("Py_GIL_DISABLED")))' >/dev/null 2>&1
}

# Prints the path of an interpreter for each minor version: of PATH, of pyenv or of uv, the first that is found.
pythons() {
    for minor in 10 11 12 13 14 15 16; do
        for python in "$(command -v "python3.$minor")" \
            "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor".*/bin/"python3.$minor" \
            "${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}/cpython-3.$minor".*/bin/"python3.$minor"; do
            if [ -n "$python" ] && is_usable "$python"; then
                echo "$python"
                break
            fi
        done
    done
}
