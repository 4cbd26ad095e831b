"""Marks of tests that need what some systems do not have."""

import os

import pytest


def is_wine():
    if os.name != "nt":
        return False
    import ctypes

    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


# Rights of users, limits of a process, signals, or programs of a shell.
posix = pytest.mark.skipif(os.name != "posix", reason="this is of POSIX")
# A file is replaced while it is open.
replaces_open_files = pytest.mark.skipif(is_wine(), reason="wine does not replace open files")
# Terabytes are asked for: the system refuses them, or gives them page by page.
asks_for_terabytes = pytest.mark.skipif(is_wine(), reason="wine takes a byte of memory for each page of them")
