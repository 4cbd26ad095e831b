# SPDX-License-Identifier: LGPL-3.0-or-later
"""Changes that wait to be written, gathered by key."""

from itertools import chain


class Pending:
    """An iterable of texts of mods. Those of one key stay in their order; keys do not depend on each other."""

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

    def __iter__(self):
        return chain.from_iterable(self._texts.values())

    def take(self):
        """Returns all texts as another Pending, and forgets them: at once, however many they are."""
        taken = Pending()
        taken._texts, self._texts = self._texts, {}
        return taken
