"""Send pages through the operator's notifiers, each by itself: one that hangs or fails keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import apprise
from django.conf import settings
from structlog.contextvars import bound_contextvars

from helpline.conversations import database, self_tests
from helpline.conversations.cases import raised_by
from helpline.conversations.models import Page
from helpline.paging import pages
from helpline.risk.levels import Level
from helpline.telling import where

logger = logging.getLogger(__name__)

# It names whom it tells, and the operator's addresses are secrets.
logging.getLogger("apprise").setLevel(logging.CRITICAL)
_CHECK_SECONDS = 2.0
_LONGEST_SECONDS = 30.0
_TITLE = "Helpline: a case waits"
_TEST_TITLE = "Helpline: a test"
_TEST = "This is a test of the line by itself. Nobody waits, and there is nothing to do."


class Pager:
    """Pages staff about waiting cases for as long as the process lives."""

    def __init__(self) -> None:
        # A notifier may hang, so each group has threads of its own.
        self._threads = defaultdict[int, ThreadPoolExecutor](
            lambda: ThreadPoolExecutor(max_workers=4, thread_name_prefix="paging")
        )
        self._sending: set[asyncio.Task[None]] = set()

    async def watch(self) -> None:
        """Look for pages that are due, again and again."""
        while True:
            try:
                await self.page_waiting()
            except Exception as error:
                logger.error("paging failed: %s", where(error))
            await asyncio.sleep(_CHECK_SECONDS)

    async def page_waiting(self) -> None:
        """Begin to send whatever is due now."""
        for case_id in await database.read(pages.due):
            for page in await database.write(pages.begin, case_id):
                task = asyncio.create_task(self._send(page))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)

    async def all_sent(self) -> None:
        """Wait until what is being sent has ended."""
        if self._sending:
            await asyncio.wait(self._sending)

    async def _send(self, page: Page) -> None:
        try:
            sending = asyncio.get_running_loop().run_in_executor(self._threads[page.group], notify, page)
            sent = await asyncio.wait_for(sending, _LONGEST_SECONDS)
        except Exception as error:
            logger.error("page %s to group %s failed: %s", page.number, page.group, where(error))
            sent = False
        if not sent:
            logger.error("case %s: group %s could not be paged", page.case_id, page.group)
        await database.write(pages.end, page.pk, sent=sent)
        with bound_contextvars(case=page.case_id, message=await database.read(raised_by, page.case_id)):
            logger.info(
                "case %s: page %s to group %s %s",
                page.case_id,
                page.number,
                page.group,
                "went out" if sent else "failed",
            )


def notify(page: Page) -> bool:
    """Tell one group of a waiting case, without a word of what was written; False where any of it could not be told."""
    if page.group == self_tests.GROUP:
        # Without an address for that, it is tested that the pager is at work.
        return not settings.HELPLINE_SELF_TEST_PAGE or _tell(settings.HELPLINE_SELF_TEST_PAGE, _TEST_TITLE, _TEST)
    link = (
        f" {settings.HELPLINE_CONSOLE_URL.rstrip('/')}/cases/{page.case_id}/" if settings.HELPLINE_CONSOLE_URL else ""
    )
    again = f" This is page {page.number}." if page.number > 1 else ""
    words = f"Case {page.case_id}, level {Level(page.level).label}, waits for a responder.{again}{link}"
    return _tell(settings.HELPLINE_PAGERS[page.group - 1], _TITLE, words)


def _tell(addresses: Sequence[str], title: str, body: str) -> bool:
    """Tell all addresses; return whether each is known and was told."""
    group = apprise.Apprise()
    known = all(group.add(url) for url in addresses)
    return bool(group.notify(title=title, body=body)) and known
