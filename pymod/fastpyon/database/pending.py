# SPDX-License-Identifier: LGPL-3.0-or-later
"""Changes that wait to be written, gathered by key."""


class Pending:
    """Texts of mods. Those of one key stay in their order; keys do not depend on each other."""

    def __init__(self):
        self._texts = {}  # key: texts

    def __bool__(self):
        return bool(self._texts)

    def add(self, key, text, whole):
        """Adds a change. A ``whole`` one does not depend on the value before it, so earlier ones go."""
        if whole:
            self._texts[key] = [text]
        else:
            self._texts.setdefault(key, []).append(text)

    def take(self):
        """Returns all texts, and forgets them."""
        texts, self._texts = self._texts, {}
        return [text for key in texts for text in texts[key]]
