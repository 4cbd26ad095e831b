"""The backup: the file that was there before."""

import errno
import os
from pathlib import Path

import pytest
from test_files import WAITING, Failure, failing, names, old, unchanged  # noqa: F401

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


def test_the_backup_of_a_symlink_is_a_symlink(dialect, old):
    link = old.parent / "link"
    link.symlink_to("file.pyon")
    dialect.store_file(link, 1, backup=True)
    assert os.readlink(old.parent / "link~") == "file.pyon" and old.read_text() == "old"


def test_the_backup_without_hard_links_is_a_copy(dialect, old, monkeypatch):
    monkeypatch.setattr(os, "link", failing(PermissionError(errno.EPERM, "no links here")))
    os.utime(old, (1, 1))
    dialect.store_file(old, 1, backup=True)
    backup = old.parent / "file.pyon~"
    assert backup.read_text() == "old" and backup.stat().st_mtime == 1
    assert dialect.load_file(old) == 1 and names(old.parent) == ["file.pyon", "file.pyon~"]


def test_the_copy_goes_nowhere_else(dialect, old, tmp_path_factory, monkeypatch):
    """Somebody has put a symlink where the copy is made."""
    other = tmp_path_factory.mktemp("of others") / "file"
    other.write_text("of others")
    (old.parent / f"{WAITING}~").symlink_to(other)
    monkeypatch.setattr(os, "link", failing(PermissionError(errno.EPERM, "no links here")))
    dialect.store_file(old, 1, backup=True)
    assert other.read_text() == "of others" and (old.parent / "file.pyon~").read_text() == "old"
    assert names(old.parent) == ["file.pyon", "file.pyon~"]


def test_what_is_no_file_is_not_copied(dialect, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", failing(PermissionError(errno.EPERM, "no links here")))
    os.mkfifo(tmp_path / "file")
    with pytest.raises(OSError, match="not a regular file"):
        dialect.store_file(tmp_path / "file", 1, backup=True)
    (tmp_path / "link").symlink_to("file")
    dialect.store_file(tmp_path / "link", 1, backup=True)
    assert os.readlink(tmp_path / "link~") == "file" and dialect.load_file(tmp_path / "link") == 1
    assert names(tmp_path) == ["file", "link", "link~"]


def test_a_file_that_is_its_own_backup(dialect, old):
    """As one is that could not be stored when the backup had been made."""
    os.link(old, old.parent / "file.pyon~")
    dialect.store_file(old, 1, backup=True)
    assert (old.parent / "file.pyon~").read_text() == "old"
    assert names(old.parent) == ["file.pyon", "file.pyon~"]


def test_a_backup_that_others_make_at_the_same_time(dialect, old, monkeypatch):
    (old.parent / f"{WAITING}~").write_text("of another, who was killed")
    replace, removed = os.replace, []

    def remove(source, target):
        if not removed:
            removed.append(source)  # by another, who finds it there
            os.unlink(source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", remove)
    dialect.store_file(old, 1, backup=True)
    assert removed == [str(old.parent / f"{WAITING}~")]
    assert (old.parent / "file.pyon~").read_text() == "old"
    assert names(old.parent) == ["file.pyon", "file.pyon~"]


def test_a_failure_leaves_no_backup_where_there_was_none(dialect, old, monkeypatch):
    replace = os.replace

    def fail(source, target):
        if target == old:
            raise Failure()
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(Failure):
        dialect.store_file(old, 1, backup=True)
    assert unchanged(old)


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
