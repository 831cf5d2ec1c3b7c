"""What the processes log: a line an event, with the number of the message that it is about, and never its words.

The number is that of the message's row. Every process reads it there, so one search finds the whole way of a message.
"""

from __future__ import annotations

import logging
import sys

import structlog
from django.conf import settings
from structlog.typing import EventDict, Processor, WrappedLogger

from helpline.telling import where

#: All that a line may hold. What libraries add of their own could be what somebody wrote.
_KEPT = frozenset({"timestamp", "level", "logger", "event", "message", "case", "error"})


def configure(_: object = None) -> None:
    """Have all that is logged in this process come out in one form; safe to call again after a library's own.

    Django calls it when it is set up, with what `LOGGING` is.
    """
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        _without_words,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    as_json = settings.HELPLINE_LOGS == "json"
    form = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, form], foreign_pre_chain=common
        )
    )
    # One handler, at the root: a second one would say everything twice.
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("helpline", "actions"):
        logging.getLogger(ours).setLevel(logging.INFO)


def _without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Leave out what a library added, and of an error all but its type and place."""
    raised = event.get("exc_info")
    if isinstance(raised, tuple):
        raised = raised[1]
    elif raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, BaseException):
        event["error"] = where(raised)
    return {key: value for key, value in event.items() if (key in _KEPT and value is not None) or key[0] == "_"}
