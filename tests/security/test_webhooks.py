"""Whatever comes to a provider's webhook, forged or signed: no fault, no loss, no double, and no word in a log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversations.models import Conversation, Message
from tests.contract.conftest import PROVIDERS
from tests.contract.desk import Desk as Provided
from tests.contract.desk import open_desk
from tests.contract.requests import PUBLIC, Provider, Request
from tests.security.inputs import MARK, as_json, broken, changed, changed_form
from tests.security.served import Desk, in_a_thread
from tests.security.tried import TRIED, times

pytestmark = pytest.mark.django_db(transaction=True)
_FORM = "application/x-www-form-urlencoded"


@pytest.fixture(params=list(PROVIDERS))
def name(request: pytest.FixtureRequest) -> str:
    """Each channel in turn."""
    return str(request.param)


@pytest.fixture
def provider(name: str) -> Provider:
    return PROVIDERS[name]


@pytest.fixture
def desk(
    provider: Provider, transactional_db: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> Iterator[Desk[Provided]]:
    """The channel, served, with limits that nobody here reaches."""
    settings.HELPLINE_PUBLIC_URL = PUBLIC
    settings.HELPLINE_MESSAGES_PER_MINUTE = settings.HELPLINE_LINE_PER_MINUTE = 100_000
    caplog.set_level(logging.INFO)
    with in_a_thread(open_desk(provider.channel())) as served:
        yield served
    assert MARK not in caplog.text, "what a visitor wrote is in the log"
    assert "Traceback" not in caplog.text


def whole_ones(provider: Provider) -> list[Request]:
    """Return one request of each kind that the provider makes."""
    words = f"{MARK} what is tolerance"
    kinds = [
        provider.says(words),
        provider.tap("/tolerance"),
        provider.changes(words),
        provider.attaches(words),
        provider.in_group(words),
    ]
    return [one for one in kinds if one]


def wrong(whole: Request) -> st.SearchStrategy[bytes]:
    """Return bodies like that of a request with something wrong in them."""
    if _FORM in whole.headers.get("Content-Type", ""):
        return st.one_of(changed_form(whole.body), broken(whole.body))
    return st.one_of(changed(json.loads(whole.body)).map(as_json), broken(whole.body))


def signed(provider: Provider, whole: Request, body: bytes) -> Request:
    """Return a request with that body, and a true proof, under the kind of content of the whole one."""
    made = provider.sign(body)
    kinds = {name: value for name, value in whole.headers.items() if name == "Content-Type"}
    return replace(made, headers={**made.headers, **kinds})


def test_a_signed_request_with_something_wrong_in_it(desk: Desk[Provided], provider: Provider, name: str) -> None:
    """It is taken or refused, and the same again changes nothing."""
    tried = []

    @times(name)
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from(whole_ones(provider)))
        request = signed(provider, whole, data.draw(wrong(whole)))
        tried.append(request)
        first = desk.run(desk.it.post(request))
        assert first.status_code < 500, first.text
        assert "Traceback" not in first.text
        assert MARK not in first.text
        kept = Message.objects.filter(author="visitor").count()
        again = desk.run(desk.it.post(request))
        assert again.status_code == first.status_code
        assert Message.objects.filter(author="visitor").count() == kept, "doubled"

    one()
    assert len(tried) >= TRIED[name]
    told = f"{MARK} are you still there"
    assert desk.run(desk.it.post(provider.says(told, 777, 3))).status_code == 200
    assert Message.objects.filter(author="visitor", text=told).count() == 1, "lost"
    assert told in desk.it.read_by_rasa


def test_a_forged_request_with_something_wrong_in_it_leaves_no_trace(
    desk: Desk[Provided], provider: Provider, name: str
) -> None:
    """The proof is looked at before anything else is."""

    @times("forged")
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from(whole_ones(provider)))
        request = signed(provider, whole, data.draw(wrong(whole)))
        proof = request.headers[provider.proof]
        forged = data.draw(st.sampled_from([proof[::-1] + "x", proof[:-1], "", "v0=", "sha256=" + "0" * 64]))
        answer = desk.run(desk.it.post(request.with_header(provider.proof, forged)))
        # Twilio signs the fields, and what has none can be neither true nor forged.
        assert answer.status_code in (400, 401, 403)

    one()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("name", ["messenger"], indirect=True)
def test_a_broken_event_takes_none_with_it(desk: Desk[Provided], provider: Provider, name: str) -> None:
    """Messenger tells of several at once."""
    tried = []

    @times("messenger: a broken event beside a whole one")
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        tried.append(data)
        body = json.loads(provider.says(MARK, 1).body)
        [event] = body["entry"][0]["messaging"]
        told = f"{MARK} number {len(tried)}"
        whole = json.loads(provider.says(told, 1000 + len(tried)).body)["entry"][0]["messaging"][0]
        body["entry"][0]["messaging"] = [data.draw(changed(event)), whole]
        answer = desk.run(desk.it.post(provider.sign(as_json(body))))
        assert answer.status_code == 200
        assert Message.objects.filter(text=told).count() == 1

    one()
    assert len(tried) >= TRIED["messenger: a broken event beside a whole one"]
