# SPDX-License-Identifier: LGPL-3.0-or-later
"""The configuration of Sphinx. build.py runs it, and makes the pages that it reads."""

from pathlib import Path

import fastpyon
import stubs

HERE = Path(__file__).resolve().parent

project = "fastpyon"
copyright = "the authors of fastpyon; LGPL 3 or later"
version = release = fastpyon.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "index"
smartquotes = False

myst_heading_anchors = 4

autodoc_member_order = "bysource"
# What a class has from classes of Python is not described.
autodoc_default_options = {"members": True, "inherited-members": "MutableMapping, Mapping, Exception, BaseException"}

# Parameters may be called "real" and "imaginary".
c_extra_keywords = ["alignas", "alignof", "bool", "noreturn", "static_assert", "thread_local"]

# Names of C and of Python that have no page here.
nitpick_ignore_regex = [
    ("c:identifier", r"(u?int(ptr)?\d*_t|size_t|bool)"),
    ("py:.*", r"(?!fastpyon\.(?!_)).*"),
]

html_theme = "furo"
html_title = f"fastpyon {release}"
html_static_path = [str(HERE / "static")]
html_css_files = ["style.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"


def setup(app):
    app.connect("autodoc-process-signature", stubs.typed(stubs.signatures(HERE.parents[1] / "pymod" / "fastpyon")))
    app.connect("autodoc-process-docstring", stubs.complete)
