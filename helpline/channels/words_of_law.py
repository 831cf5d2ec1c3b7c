"""The words that the rules for SMS take for commands, each alone in a message, in English and Spanish."""

from __future__ import annotations

import re

_ENGLISH = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"), "stop"),
    **dict.fromkeys(("HELP", "INFO"), "help"),
    **dict.fromkeys(("START", "UNSTOP"), "start"),
    "YES": "yes",
}
#: Without accents.
_SPANISH = {
    **dict.fromkeys(("ALTO", "PARAR", "PARE", "CANCELAR"), "stop"),
    "AYUDA": "help",
    **dict.fromkeys(("INICIAR", "COMENZAR"), "start"),
    "SI": "yes",
}
COMMANDS = {**_ENGLISH, **_SPANISH}
#: What may stand between the letters of such a word and around it; dashes and quotes of all kinds.
_BETWEEN = re.compile(r"[\s.!'\"\u00ab\u00bb\u2010-\u201f-]+")


def command(text: str) -> str:
    """Return which command a message is, with or without a dot, a hyphen or quotes; empty where it is none."""
    return COMMANDS.get(_alone(text), "")


def language(text: str) -> str:
    """Return the language of a command that is in no other; empty for "si", and for what is no command."""
    return "es" if _alone(text) in _SPANISH.keys() - {"SI"} else ""


def _alone(text: str) -> str:
    return _BETWEEN.sub(" ", text).strip().upper().replace("Í", "I")
