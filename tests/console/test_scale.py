"""Every page asks the database a bounded number of times, whatever is in it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpline.console import audit_page, keyed, transcript
from helpline.conversations.models import Case, Conversation, FlagReview, Message
from helpline.evaluation.benchmark.console import addresses, sealed
from helpline.evaluation.benchmark.filling import fill

from .conftest import logged_in, staff

pytestmark = pytest.mark.django_db
#: The most that any page may ask, login and permissions included.
MOST = 24
TEXTS = ["is it true that 9 of 10 relapse", "i am alone tonight", "what is tolerance"]


@pytest.fixture
def supervisor(db: None) -> User:
    """Return who may see every page."""
    return staff("supervisor", "admin")


def filled(conversations: int, messages_each: int, responder: User) -> None:
    """Put so many conversations into the database, in place of what was there."""
    for model in (Case, Message, Conversation):
        model.objects.all().delete()
    fill(conversations, messages_each, TEXTS, timezone.now(), responder)


def asked(client: Client, address: str) -> list[str]:
    """Return the queries of a page."""
    client.get(address)  # what is read once a process is read by now
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries.captured_queries]


def numbers_of_queries(client: Client, user: User) -> dict[str, int]:
    """Return how often each page asks; those of one case and one conversation are of such with flags and verdicts."""
    case = Case.objects.filter(state=Case.State.RESOLVED).latest("pk")
    judged = FlagReview.objects.select_related("message").latest("pk").message
    pages = addresses(case.pk, judged.conversation_id, judged.pk, user.pk)
    names = addresses(0, 0, 0, 0)
    return {name: len(asked(client, sealed(address))) for name, address in zip(names, pages, strict=True)}


def test_no_page_asks_more_often_when_there_is_more(supervisor: User) -> None:
    """Ten times the conversations, and four times as long ones; with more rows on a page, and more pages."""
    client = logged_in(supervisor)
    filled(60, 10, supervisor)
    few = numbers_of_queries(client, supervisor)
    filled(600, 40, supervisor)
    assert numbers_of_queries(client, supervisor) == few
    assert max(few.values()) <= MOST


def test_the_database_that_is_filled_has_something_for_every_page(supervisor: User) -> None:
    """Otherwise the pages above would be quick because they are empty."""
    filled(600, 12, supervisor)
    client = logged_in(supervisor)
    assert Message.objects.count() == 600 * 12
    assert set(Case.objects.values_list("state", flat=True)) == {"waiting", "held", "resolved"}
    assert len(client.get("/review/?since=&judged=no&level=2").context["rows"]) == keyed.PER_PAGE
    assert len(client.get("/audit/?person=nobody").context["lines"]) == audit_page.PER_PAGE
    assert client.get("/review/agreement").context["total"].judged > 50
    figures = client.get("/dashboard/?days=90").context["figures"]
    assert [figure.name for figure in figures if figure.chart is None] == []
    at = list(Message.objects.order_by("pk").values_list("at", flat=True))
    assert at == sorted(at), "keys follow time, on which the figures rest"


@pytest.mark.parametrize(
    ("address", "index"),
    [
        ("/review/", "conversation_created"),
        ("/review/?since=", "conversation_created"),
        ("/dashboard/?days=90", "message_at"),
        ("/dashboard/?days=90", "reply_response"),
        ("/dashboard/?days=90", "case_opened"),
    ],
)
def test_what_is_asked_of_many_rows_goes_by_an_index(supervisor: User, address: str, index: str) -> None:
    """A change of a query that loses its index would be noticed by nobody before there are many rows."""
    filled(60, 4, supervisor)
    plans = []
    for query in asked(logged_in(supervisor), address):
        if query.startswith("SELECT"):
            with connection.cursor() as cursor:
                plans += [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()]
    assert [plan for plan in plans if f"INDEX {index}" in plan]


def test_a_long_conversation_is_not_read_whole(supervisor: User) -> None:
    """Only its end, and what was flagged."""
    filled(3, 3 * transcript.SHOWN, supervisor)
    shown = logged_in(supervisor).get(f"/review/conversations/{Conversation.objects.latest('pk').pk}/")
    assert (len(shown.context["written"]), shown.context["hidden"]) == (200, 400)
