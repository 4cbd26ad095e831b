"""The backup: the file that was there before."""

import os
import tempfile
from pathlib import Path

import pytest
from folder import names, unchanged
from systems import posix

from fastpyon import pyon, stream


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
def test_the_last_version_is_kept(dialect, tmp_path, kind):
    path = kind(str(tmp_path / "file"))
    dialect.store_file(path, 1, backup=True)  # of nothing
    assert names(tmp_path) == ["file"]
    for i in range(2, 5):
        dialect.store_file(path, i, backup=True)
        assert names(tmp_path) == ["file", "file~"]
        assert dialect.load_file(path) == i and dialect.load_file(tmp_path / "file~") == i - 1
    dialect.store_file(path, 5)
    assert dialect.load_file(tmp_path / "file~") == 3


def test_the_backup_is_the_file_that_was_there(dialect, old):
    old.chmod(0o644)
    before = old.stat()
    dialect.store_file(old, 1, backup=True)
    after = (old.parent / "file.pyon~").stat()
    assert os.path.samestat(before, after) and after.st_nlink == 1
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@posix
def test_the_backup_of_a_symlink_is_a_symlink(dialect, old):
    link = old.parent / "link"
    link.symlink_to("file.pyon")
    dialect.store_file(link, 1, backup=True)
    assert os.readlink(old.parent / "link~") == "file.pyon" and old.read_text() == "old"


def test_a_file_that_is_its_own_backup(dialect, old):
    """As one is that could not be stored when the backup had been made."""
    os.link(old, old.parent / "file.pyon~")
    dialect.store_file(old, 1, backup=True)
    assert (old.parent / "file.pyon~").read_text() == "old"
    assert names(old.parent) == ["file.pyon", "file.pyon~"]


def test_a_failure_leaves_no_backup_where_there_was_none(dialect, tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        dialect.store_file(path, 1, backup=True)
    assert names(tmp_path) == ["folder"]


def test_a_backup_that_has_no_place(dialect, old):
    """Its name is that of a folder."""
    (old.parent / "file.pyon~").mkdir()
    with pytest.raises(IsADirectoryError):
        dialect.store_file(old, 1, backup=True)
    assert old.read_text() == "old" and names(old.parent) == ["file.pyon", "file.pyon~"]


def as_nobody(function):
    """Calls it in a process of another user: what it raises, or None."""
    read, write = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.setuid(65534)
            function()
        except BaseException as error:
            os.write(write, repr(error).encode())
        finally:
            os._exit(0)
    os.waitpid(process, 0)
    os.close(write)
    with open(read) as file:
        return file.read() or None


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="there is one user")
def test_a_foreign_file_in_a_folder_for_all(dialect):
    """Its user may give it another name there, but not take it away again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.pyon")
        path.write_text("old")
        os.chmod(folder, 0o1777)
        os.chmod(path, 0o666)
        for backup in False, True:
            assert "Operation not permitted" in as_nobody(lambda: dialect.store_file(path, 1, backup=backup))
            assert unchanged(path) and path.stat().st_nlink == 1


def test_the_backup_is_not_for_json(tmp_path):
    path = tmp_path / "file"
    for _ in range(2):
        pyon.store_file(path, {"b": 1, "a": 2}, backup=True, sort_keys=True)
    assert path.read_text() == (tmp_path / "file~").read_text() == '{\n    "a": 2,\n    "b": 1\n}'


def test_lines_have_a_backup_too(dialect, tmp_path):
    path = tmp_path / "lines"
    stream.store_lines(path, [1], dialect)
    stream.store_lines(path, [2], dialect, backup=True)
    assert list(stream.load_lines(f"{path}~", dialect)) == [1]
    with pytest.raises(ValueError, match="no backup with append"):
        stream.store_lines(path, [3], dialect, append=True, backup=True)
    assert list(stream.load_lines(path, dialect)) == [2]
