# Sourced by tests/check-*, which depend on tools that find more, or other things, with each version. In `make check`
# they run only with versions with which they are known to pass; as commands of their own, with any.
#
# is_known VERSION LEAST MOST: is it one from LEAST to MOST, of which the last may go on: 14 has 14.2.0 in it?
is_known() {
    printf '%s\n' "$2" "$1" "$3.99999" | sort -CV
}

# The first number with a dot in it that a command prints.
version_of() {
    "$@" 2>/dev/null | grep -o '[0-9][0-9]*\.[0-9.]*' | head -n 1
}

# known TOOL VERSION LEAST MOST
known() {
    is_known "$2" "$3" "$4" || skip "$1 ${2:-of no version} is not one of $3 to $4, for which this test was made"
}
