"""Take out of a visitor's words what tells who they are, as far as patterns can know it."""

from __future__ import annotations

import re
import unicodedata

#: Brackets mean something to Rasa's examples, and pointed ones are kept for the masks.
_BRACKETS = str.maketrans("[]{}<>", "()()()")
_DASHES = "\u2010-\u2015\u2212-"
_DOMAINS = "com|org|net|edu|gov|info|io|co|uk|us|ca|au|ie|nz|de|fr|es|pt|br|pl|eu|me|tv|app|gg|ly|be"
#: Latin, Greek and Cyrillic capitals, which `re` has no class for.
_CAPITALS = "".join(letter for letter in map(chr, range(0x530)) if letter.isupper() or letter.istitle())

_TITLES = rf"(?:(?:[{_CAPITALS}]|(?i:mrs?|ms|dr|st|prof))\.\s?)*"
_NAME = rf"{_TITLES}(?!I\b)[{_CAPITALS}][\w'\u2019-]*"
_MORE_NAMES = rf"(?:[^\w.!?<>]{{1,3}}{_NAME})*"

_MASKS = [
    # sam@example.org, sam (at) example.org
    (re.compile(r"(?<![^\s@,;:<>()\"])[^\s@,;:<>()\"]+ ?(?:@|\(at\)) ?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE), "<email>"),
    # With a scheme, with www, with a path, or ending as domains do.
    (re.compile(r"(?<![a-z0-9+.-])(?:[a-z0-9+.-]+://|www\.|mailto:)\S+", re.IGNORECASE), "<link>"),
    (re.compile(rf"(?<![\w.-])(?:[\w-]+\.)+(?:[a-z]{{2,}}/\S*|(?:{_DOMAINS})\b\S*)", re.IGNORECASE), "<link>"),
    (re.compile(r"(?<![\w.-])[\w.-]*@[\w.-]+"), "<handle>"),
    # After these a word is a name whatever its case; after "this is" only with a capital.
    (
        re.compile(
            rf"\b((?i:my name(?:['\u2019]?s| is)|i(?:['\u2019]?m| am) called)[^\w<]+_*)"
            rf"{_TITLES}(?!I\b)[^\W\d_][\w'\u2019-]*{_MORE_NAMES}"
        ),
        r"\1<name>",
    ),
    (re.compile(rf"\b((?i:this is)[^\w.!?<]+_*){_NAME}{_MORE_NAMES}"), r"\1<name>"),
    # Seven digits or more however they are set apart; a date; three digits or more in a row.
    (
        re.compile(
            rf"\+?\(?\d(?:[\s()./{_DASHES}]{{0,3}}\d){{6,}}"
            rf"|\d{{1,4}}[./{_DASHES}]\d{{1,2}}[./{_DASHES}]\d{{1,4}}"
            r"|\d{3,}"
        ),
        "<number>",
    ),
]


def masked(text: str) -> str:
    """Return a text on one line, with ``<email>``, ``<name>`` and so on in place of what is personal.

    Names are known by what introduces them, so others stay: somebody must read the result.
    """
    plain = unicodedata.normalize("NFKC", text)
    # White space first: line breaks are control characters too.
    seen = (c for c in " ".join(plain.split()) if not unicodedata.category(c).startswith("C"))
    plain = " ".join("".join(seen).split()).translate(_BRACKETS)
    for pattern, mask in _MASKS:
        plain = pattern.sub(mask, plain)
    return plain
