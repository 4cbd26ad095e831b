# SPDX-License-Identifier: LGPL-3.0-or-later
"""ARTIQ with the swap and a database of text: its own tests, and a master that is killed. Skipped without ARTIQ."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fastpyon
from fastpyon import pyon
from fastpyon.database import Database

try:
    import artiq.frontend.artiq_master
    import artiq.master.worker_impl  # noqa: F401
except ImportError as error:
    pytest.skip(f"no ARTIQ: {error}", allow_module_level=True)

PATH = os.pathsep.join([str(Path(fastpyon.__file__).parents[1]), *filter(None, sys.path)])
PYTHON = [sys.executable]
SWAPPED = [sys.executable, "-m", "fastpyon", "run"]


def environment(folder):
    return {**os.environ, "PYTHONPATH": PATH, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


# ---- Its own tests --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["test_worker", "test_scheduler", "test_arguments", "test_datasets"])
def test_its_tests_pass(tmp_path, name):
    command = [*SWAPPED, "-m", "unittest", f"artiq.test.{name}"]
    subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), check=True)


def test_its_tests_of_datasets_pass_on_a_database(tmp_path):
    """They have a stand-in for the master's DatasetDB: here it is the class that the master gets by the swap."""
    script = tmp_path / "script.py"
    script.write_text(
        "import copy, tempfile, unittest\n"
        "from artiq.master.databases import DatasetDB\n"
        "from artiq.test import test_datasets\n"
        "from artiq.test.test_datasets import *\n"
        "class Database:\n"
        "    def __init__(self):\n"
        "        self.db = DatasetDB(tempfile.mkdtemp(dir='.') + '/data.pyon')\n"
        "        assert type(self.db).__module__.startswith('fastpyon.')\n"
        "    def __getattr__(self, name):\n"
        "        return getattr(self.db, name)\n"
        "    def update(self, mod):\n"
        "        self.db.update(copy.deepcopy(mod))  # as the connection of a worker does\n"
        "        self.db.save()\n"
        "test_datasets.MockDatasetDB = Database\n"
        "unittest.main()\n"
    )
    done = subprocess.run(
        [*SWAPPED, script], cwd=tmp_path, env=environment(tmp_path), check=True, stderr=subprocess.PIPE, text=True
    )
    assert "\nOK\n" in done.stderr and "Ran 0" not in done.stderr


# ---- A master ---------------------------------------------------------------------------------------

EXPERIMENT = """
from artiq.experiment import EnvExperiment

class Store(EnvExperiment):
    def build(self):
        pass

    def run(self):
        self.set_dataset("exp.list", [], persist=True)
        for n in range(50):
            self.append_to_dataset("exp.list", n / 7)
        self.mutate_dataset("exp.list", 0, -1.5)
        self.set_dataset("exp.passing", 1, broadcast=True)
        self.set_dataset("exp.done", self.get_dataset("gain") + 1, persist=True, unit="V")
"""
LIST = [-1.5, *[n / 7 for n in range(1, 50)]]


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [made.getsockname()[1] for made in sockets]


class Lab:
    """A folder where a master runs, and its commands."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "device_db.py").write_text("device_db = {}\n")
        (folder / "repository").mkdir()
        (folder / "repository" / "store.py").write_text(EXPERIMENT)
        self.env = environment(folder)
        self.path = str(folder / "dataset_db.pyon")
        self.master = None

    def start(self):
        notify, self.control, logging, broadcast = free_ports(4)
        ports = {"notify": notify, "control": self.control, "logging": logging, "broadcast": broadcast}
        self.master = subprocess.Popen(
            [*SWAPPED, "-m", "artiq.frontend.artiq_master", "--dataset-db", self.path,
             *[argument for name, port in ports.items() for argument in (f"--port-{name}", str(port))]],
            cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        for line in self.master.stdout:
            if "now ready" in line:
                return
        raise AssertionError(f"the master ended with {self.master.wait()}")

    def end(self, number):
        """Sends a signal to the master, and waits. SIGKILL goes to its workers, too."""
        send = os.killpg if number == signal.SIGKILL else os.kill
        send(self.master.pid, number)
        self.master.communicate()
        self.master = None

    def client(self, *arguments):
        command = [*PYTHON, "-m", "artiq.frontend.artiq_client", "--port", str(self.control), *arguments]
        subprocess.run(command, cwd=self.folder, env=self.env, check=True, stdout=subprocess.DEVNULL)

    def datasets(self):
        """The datasets that are on the disk, as a reader beside the master sees them."""
        with Database(self.path, readonly=True) as db:
            return dict(db)

    def wait_for(self, key):
        while key not in self.datasets():  # a hang is a failure
            assert self.master.poll() is None
            time.sleep(0.1)
        return self.datasets()


@pytest.fixture
def lab(tmp_path):
    lab = Lab(tmp_path)
    try:
        yield lab
    finally:
        if lab.master:
            lab.end(signal.SIGKILL)


def test_a_master_that_is_killed(lab):
    lab.start()
    lab.client("set-dataset", "-p", "gain", "2.5")
    lab.client("set-dataset", "passing", "1")
    lab.client("submit", "repository/store.py")
    flushed = lab.wait_for("exp.done")
    assert flushed == {"gain": [2.5, {}], "exp.list": [LIST, {}], "exp.done": [3.5, {"unit": "V"}]}
    lab.end(signal.SIGKILL)
    lab.start()
    assert lab.datasets() == flushed
    lab.client("del-dataset", "exp.list")
    lab.client("set-dataset", "gain", "3.5")  # it is persistent, and stays so
    lab.end(signal.SIGTERM)
    expected = {"gain": [3.5, {}], "exp.done": [3.5, {"unit": "V"}]}
    assert pyon.load_file(lab.path) == lab.datasets() == expected
    lab.start()
    lab.client("submit", "repository/store.py")
    assert lab.wait_for("exp.list").keys() == {"gain", "exp.done", "exp.list"}
