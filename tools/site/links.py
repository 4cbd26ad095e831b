# SPDX-License-Identifier: LGPL-3.0-or-later
"""Looks at every link of the pages that were built: its file and its place must be there."""

import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urlsplit


class Page(HTMLParser):
    """The places in a page, and what it links to."""

    def __init__(self, path):
        super().__init__()
        self.places, self.targets = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.places.add(value)
            elif name in ("href", "src") and value:
                self.targets.append(value)


def check(folder):
    """Prints the links that lead nowhere. Returns 1 if there are any, else 0."""
    pages = {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}
    count, faults, others = 0, [], set()
    for path, page in pages.items():
        for target in page.targets:
            if urlsplit(target).scheme:
                others.add(target)
                continue
            count += 1
            file, place = urldefrag(target)
            file = unquote(file.partition("?")[0])
            goal = (path.parent / file).resolve() if file else path
            if not goal.exists() or place and goal in pages and unquote(place) not in pages[goal].places:
                faults.append(f"{path.relative_to(folder.resolve())}: {target}")
    for fault in faults:
        print(f"site: leads nowhere: {fault}", file=sys.stderr)
    print(f"site: {len(pages)} pages, {count} links, {len(faults)} of them lead nowhere; {len(others)} to other sites")
    return int(bool(faults))
