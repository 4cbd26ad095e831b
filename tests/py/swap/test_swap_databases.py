# SPDX-License-Identifier: LGPL-3.0-or-later
"""The swap and ARTIQ's DatasetDB, in processes of their own: a stand-in, and the real one where it can be imported."""

import os
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("sipyco.sync_struct")

THEIRS = """
class DatasetDB:
    def __init__(self, persist_file, autosave_period=30):
        self.persist_file = persist_file
"""


@pytest.fixture
def run(tmp_path):
    """Runs a script in a folder where a module artiq.master.databases has this text."""

    def run_with(theirs, script):
        folder = tmp_path / "artiq" / "master"
        folder.mkdir(parents=True)
        (folder / "databases.py").write_text(theirs)
        for package in folder, folder.parent:
            (package / "__init__.py").write_text("")
        path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH"), *sys.path]))
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": path, "FASTPYON": ""}, check=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ).stdout  # fmt: skip

    return run_with


IMPORT = "import fastpyon\nfrom fastpyon import database\n"
BEFORE = f"{IMPORT}from artiq.master.databases import DatasetDB as old\nDatasetDB = old\nfastpyon.install()\n"
AFTER = f"{IMPORT}fastpyon.install()\nfrom artiq.master.databases import DatasetDB\n"


@pytest.mark.parametrize("begin", [BEFORE, AFTER])
def test_the_name_chooses(run, begin):
    script = """
db = DatasetDB("data.pyon", 5)
assert type(db) is database.DatasetDB and db.autosave_period == 5
db.set("a", 1, persist=True)
db.save()
db.close_db()
db = DatasetDB(persist_file="data.mdb")
assert type(db) is DatasetDB and db.persist_file == "data.mdb" and DatasetDB.__module__ == "artiq.master.databases"
class Own(DatasetDB):
    pass
assert type(Own("data.pyon")) is Own
print(fastpyon.status()["patched"]["artiq.master.databases"])
fastpyon.uninstall()
import artiq.master.databases
theirs = artiq.master.databases.DatasetDB
assert not isinstance(theirs("data.pyon"), database.DatasetDB)
"""
    assert run(THEIRS, begin + script) == "fastpyon.database for names that end in .pyon\n"


@pytest.mark.parametrize("value, count", [("", 0), ("0", 0), ("1", 1)])
def test_journals_that_are_kept(run, value, count):
    script = f"""
import glob, os
os.environ["FASTPYON_KEEP_JOURNALS"] = "{value}"
db = DatasetDB("data.pyon")
db.set("a", 1, persist=True)
db.save()
db.close_db()
print(len(glob.glob("data.pyon.2*Z.journal")))
"""
    assert run(THEIRS, AFTER + script) == f"{count}\n"


@pytest.mark.parametrize("theirs", ["", "DatasetDB = 1", THEIRS.replace("autosave_period", "period")])
def test_a_module_that_is_not_known_is_left_alone(run, theirs):
    script = """
    import fastpyon, warnings
    warnings.simplefilter("ignore")
    fastpyon.install()
    import artiq.master.databases
    assert "artiq.master.databases" not in fastpyon.status()["patched"]
    print(fastpyon.status()["left"]["artiq.master.databases"])
    """
    assert run(theirs, script) == "it is not known\n"


def test_the_real_one(tmp_path):
    try:
        from artiq.master import databases  # noqa: F401
    except ImportError as error:
        pytest.skip(f"no DatasetDB of ARTIQ: {error}")
    script = AFTER + (
        "for name in 'data.pyon', 'data.mdb':\n"
        "    for value in None, 1:\n"
        "        db = DatasetDB(name)\n"
        "        assert db.data.raw_view.get('a') == (value and (True, 1, {}))\n"
        "        assert isinstance(db, database.DatasetDB) == (name == 'data.pyon')\n"
        "        db.set('a', 1, persist=True)\n"
        "        db.save()\n"
        "        db.close_db()\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
