# SPDX-License-Identifier: LGPL-3.0-or-later
"""How long encoding and decoding take, beside other formats and other programs: see README.md."""
