"""Who of the staff read which transcript: a line in the log, without any words of it."""

from __future__ import annotations

import logging

from django.http import HttpRequest

logger = logging.getLogger("helpline.audit")


def transcript_read(request: HttpRequest, case_id: int) -> None:
    """Note that this responder was shown the transcript of this case."""
    logger.info("transcript read user=%s case=%s", request.user.pk, case_id)
