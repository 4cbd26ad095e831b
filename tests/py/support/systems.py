"""Marks of tests that need what some systems do not have."""

import os

import pytest

# Rights of users, limits of a process, signals, or programs of a shell.
posix = pytest.mark.skipif(os.name != "posix", reason="this is of POSIX")
