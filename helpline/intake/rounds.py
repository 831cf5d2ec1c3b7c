"""Rounds of house-keeping: what is due by the rows, one after the other, each by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from helpline.conversations import database
from helpline.telling import where

logger = logging.getLogger(__name__)


async def go_round(what: str, due: Callable[[], list[int]], do: Callable[..., Any], *rest: Any) -> None:
    """Do what is due for each row, by its id; one that fails leaves none of the others undone.

    ``what`` names it in the log, which also tells what came of each, where anything did.
    """
    for row_id in await database.read(due):
        try:
            done = await database.write(do, row_id, *rest)
        except Exception as error:
            logger.error("%s: %s failed: %s", what, row_id, where(error))
            continue
        if done:
            logger.warning("%s: %s: %s", what, row_id, done)
