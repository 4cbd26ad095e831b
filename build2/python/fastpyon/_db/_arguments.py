# SPDX-License-Identifier: LGPL-3.0-or-later
"""The command line of ``python -m fastpyon db``."""

import argparse

from fastpyon._db import check, compact, entries, exchange, faults, log, repair

_HELP = "Keeps, repairs and converts databases of text, such as those of artiq_master --dataset-db NAME.pyon."
_ENTRY = "take entries as they are in the file, also where they are datasets of ARTIQ: [value, {metadata}]"


def parse(arguments):
    """Returns the options, with the ``function`` that does the command."""
    parser = argparse.ArgumentParser(prog="python -m fastpyon db", description=_HELP)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    _add_exchange(verbs)
    _add_care(verbs)
    _add_log(verbs)
    _add_entries(verbs)
    return parser.parse_args(arguments)


def _add(verbs, name, function, help, epilog=None):
    parser = verbs.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=epilog)
    parser.set_defaults(function=lambda options: faults.status_of(function, options))
    return parser


def _add_wait(parser):
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="wait for another process that writes")


def _add_exchange(verbs):
    parser = _add(
        verbs, "import", exchange.import_old,
        "make a database of the datasets in a file of LMDB, or in a PYON file",
        "OLD is a dataset_db.mdb of ARTIQ 8 or later, which is read by py-lmdb; or a dataset_db.pyon of ARTIQ up to "
        "version 7; or another database. OLD is not changed.",
    )  # fmt: skip
    parser.add_argument("old", metavar="OLD", help="a file that ends in .mdb (LMDB) or .pyon")
    parser.add_argument("new", metavar="NEW.pyon")
    parser.add_argument("--force", action="store_true", help="replace the content of NEW.pyon, if it exists")
    parser.add_argument("--values", action="store_true", help="OLD has values only, also if they look like datasets")
    parser = _add(
        verbs, "export", exchange.export,
        "write the datasets of a database into a file of LMDB, or into one PYON file",
        "ARTIQ 9 and later read OUT.mdb, ARTIQ 8 reads OUT.mdb written with --v1, and ARTIQ up to version 7 reads "
        "OUT.pyon written with --v1 --values.",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE.pyon")
    parser.add_argument("out", metavar="OUT", help="a name that ends in .mdb (LMDB) or .pyon")
    parser.add_argument("--force", action="store_true", help="replace OUT, if it exists")
    parser.add_argument("--values", action="store_true", help="leave the metadata out")
    parser.add_argument("--v1", action="store_true", help="write PYON version 1")


def _add_care(verbs):
    parser = _add(verbs, "check", check.check, "say whether databases are good, or what is wrong in which line")
    parser.add_argument("files", metavar="FILE.pyon", nargs="+")
    parser = _add(verbs, "compact", compact.compact, "write all changes of the journal into the snapshot")
    parser.add_argument("file", metavar="FILE.pyon")
    _add_wait(parser)
    parser = _add(
        verbs, "repair", repair.repair,
        "make a database that cannot be opened one that can be",
        "Without an option, it says what is wrong and changes nothing. The old journal is kept as "
        "FILE.pyon.before-repair. The snapshot is never changed.",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE.pyon")
    lines = parser.add_mutually_exclusive_group()
    lines.add_argument("--cut", action="store_true", help="go on with the changes before the first bad line")
    lines.add_argument("--skip", action="store_true", help="leave out the bad lines only")
    edited = parser.add_mutually_exclusive_group()
    edited.add_argument(
        "--use-snapshot", action="store_true", help="if the snapshot was edited: give up the changes of the journal"
    )
    edited.add_argument(
        "--use-journal", action="store_true", help="if the snapshot was edited: apply the changes of the journal to it"
    )
    _add_wait(parser)


def _add_log(verbs):
    parser = _add(
        verbs, "log", log.log, "print the changes of the journals, with their times (UTC)",
        "Older journals are there if the database is opened with keep_journals=True.",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE.pyon")
    parser.add_argument("keys", metavar="KEY", nargs="*", help="only the changes of these")
    parser.add_argument("--entry", action="store_true", help=_ENTRY)


def _add_entries(verbs):
    parser = _add(verbs, "get", entries.get, "print the values of keys, one a line")
    parser.add_argument("file", metavar="FILE.pyon")
    parser.add_argument("keys", metavar="KEY", nargs="+")
    parser.add_argument("--entry", action="store_true", help=_ENTRY)
    parser = _add(
        verbs, "set", entries.set_value, "give a key a value; a dataset of ARTIQ keeps its metadata",
        "VALUE is PYON of either version, so a text needs quotes: '\"left\"'. \"-\" reads it from standard input.",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE.pyon")
    parser.add_argument("key", metavar="KEY")
    parser.add_argument("value", metavar="VALUE")
    parser.add_argument("--entry", action="store_true", help=_ENTRY)
    _add_wait(parser)
    parser = _add(verbs, "delete", entries.delete, "delete keys: all of them, or none if one is missing")
    parser.add_argument("file", metavar="FILE.pyon")
    parser.add_argument("keys", metavar="KEY", nargs="+")
    _add_wait(parser)
