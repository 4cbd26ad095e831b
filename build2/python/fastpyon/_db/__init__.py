# SPDX-License-Identifier: LGPL-3.0-or-later
"""``python -m fastpyon db``: commands for databases of text (see docs/database.md).

``_arguments`` has the command line. Each other module has the functions of some commands: they get the options, print
the result, and return the exit status, or raise. ``faults`` turns exceptions into messages and exit statuses.
"""
