"""The console's pages over a database with ten thousand conversations: time for each, and how often it asks."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from helpline.evaluation.benchmark.assistants import Say
from helpline.evaluation.benchmark.checkout import copy_checkout, run_in
from helpline.evaluation.benchmark.clock import Watch
from helpline.evaluation.benchmark.results import Spread, Took, Visit

CONVERSATIONS, MESSAGES_EACH = 10_000, 50
_WARM_UP, _TIMES = 2, 20


def measure_console(texts: Sequence[str], say: Say) -> dict[str, Visit]:
    """Measure each page, in a process with a database of its own; return the visits by address.

    Raises:
        BenchFailed: the process ended with an error.
    """
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        checkout = copy_checkout(Path(folder) / "console")
        said, result = checkout / "texts.json", checkout / "visits.json"
        said.write_text(json.dumps(list(texts)), encoding="utf-8")
        say(f"console: filling a database with {CONVERSATIONS * MESSAGES_EACH:,} messages, which takes minutes")
        run_in(checkout, "helpline.evaluation.benchmark.console", [str(said), str(result)])
        found = json.loads(result.read_text(encoding="utf-8"))
    return {
        address: Visit(Spread.of([Took(*one) for one in times]), queries) for address, (times, queries) in found.items()
    }


def addresses(case_id: int, conversation_id: int, message_id: int, user_id: int) -> list[str]:
    """Return the pages that are measured; a search that finds nothing has read everything."""
    return [
        "/",
        "/queue/rows",
        "/conversations/",
        f"/conversations/{conversation_id}/erase",
        f"/cases/{case_id}/",
        f"/cases/{case_id}/?all",
        f"/cases/{case_id}/transcript",
        "/review/",
        "/review/?judged=no&level=2",
        "/review/?judged=yes",
        "/review/?signal=hopelessness",
        "/review/?text=nobody+wrote+this",
        "/review/?since=&text=nobody+wrote+this",
        f"/review/conversations/{conversation_id}/",
        f"/review/messages/{message_id}/",
        "/review/agreement",
        "/review/agreement?weeks=52",
        "/dashboard/?days=30",
        "/dashboard/?days=90",
        "/dashboard/csv?days=90",
        "/audit/",
        "/audit/?action=nobody+did+this",
        "/audit/?person=nobody",
        f"/audit/?case={case_id}",
        "/staff/",
        f"/staff/{user_id}/",
        "/account/",
    ]


def sealed(address: str) -> str:
    """Return the address of a page as the console writes it: the words of a search stand sealed in it."""
    from helpline.conversations.addresses import seal

    before, sought, words = address.partition("text=")
    return f"{before}words={seal(unquote_plus(words))}" if sought else address


def main(said: Path, result: Path) -> None:
    """Fill a database and visit each page of it; write times and numbers of queries."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "helpline.settings"
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.utils import timezone

    from helpline.conversations.models import Case, FlagReview
    from helpline.evaluation.benchmark.filling import fill

    call_command("migrate", verbosity=0)
    supervisor = User.objects.create_superuser("supervisor")
    fill(CONVERSATIONS, MESSAGES_EACH, json.loads(said.read_text(encoding="utf-8")), timezone.now(), supervisor)
    case = Case.objects.filter(state=Case.State.RESOLVED).latest("pk")
    message = FlagReview.objects.latest("pk").message_id
    pages = addresses(case.pk, case.conversation_id, message, supervisor.pk)
    visits = {address: _visited(supervisor, address) for address in pages}
    result.write_text(json.dumps(visits), encoding="utf-8")


def _visited(supervisor: Any, address: str) -> tuple[list[Took], int]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    client.force_login(supervisor, "django.contrib.auth.backends.ModelBackend")
    page = sealed(address)
    with CaptureQueriesContext(connection) as captured:
        status = client.get(page).status_code
        queries = len(captured)  # while they are there: the next request forgets them
    assert status == 200, f"{address} answers {status}"
    times = []
    for _ in range(_WARM_UP + _TIMES):
        watch = Watch()
        client.get(page)
        times.append(watch.took())
    return times[_WARM_UP:], queries


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
