"""Take personal data out of what leaves the database for good: our own masks, and Presidio's pattern recognizers."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from helpline.console.marking import merged
from helpline.operations.masking import masked

#: What Presidio itself calls unlikely, such as a date in "10/10".
_LEAST_SCORE = 0.3
#: Our own masks make ``<number>`` of it, and nothing that a person writes is lost in between.
_STAND_IN = " 000 "


def without_personal(text: str) -> str:
    """Return a text on one line, with ``<number>``, ``<name>`` and so on in place of what is personal.

    Patterns miss some, names above all: somebody must read the result.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = [one for each in _recognizers() for one in each.analyze(plain, each.supported_entities, None) or []]
    spans = merged(((one.start, one.end) for one in found if one.score >= _LEAST_SCORE), len(plain))
    for start, end in reversed(spans):  # so that the places before stay true
        plain = f"{plain[:start]}{_STAND_IN}{plain[end:]}"
    return masked(plain)


@lru_cache(maxsize=1)
def _recognizers() -> list[Any]:
    """Return the recognizers that know by patterns and checksums alone.

    Not those of addresses and links: they fetch a list from the internet, and our own masks know both.
    """
    # Takes seconds to import, and only exports have a use for it.
    from presidio_analyzer import predefined_recognizers as known

    return [
        known.PhoneRecognizer(),
        known.CreditCardRecognizer(),
        known.IbanRecognizer(),
        known.IpRecognizer(),
        known.DateRecognizer(),
        known.UkNinoRecognizer(),
    ]
