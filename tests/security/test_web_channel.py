"""Whatever is sent to the web channel, its answer is in docs/web-channel.openapi.yml, and nobody else is disturbed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import httpx
import jsonschema  # comes with Rasa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversations.models import Message
from helpline.datafiles import read_yaml
from helpline.paths import ROOT
from tests.security.inputs import MARK, anything, as_json, broken, changed
from tests.security.served import Desk, Web, in_a_thread, open_web
from tests.security.tried import TRIED, times

pytestmark = pytest.mark.django_db(transaction=True)
SAID = {"id": "a", "text": f"{MARK}, what is tolerance?"}


@pytest.fixture
def web(transactional_db: None, settings: Any, caplog: pytest.LogCaptureFixture) -> Iterator[Desk[Web]]:
    """The channel, with limits that nobody here reaches."""
    for name in ("SESSIONS", "MESSAGES", "ADDRESS", "LINE"):
        setattr(settings, f"HELPLINE_{name}_PER_MINUTE", 100_000)
    settings.HELPLINE_PING_SECONDS = 1
    caplog.set_level(logging.INFO)
    with in_a_thread(open_web()) as served:
        yield served
    assert MARK not in caplog.text, "what a visitor wrote is in the log"
    assert "Traceback" not in caplog.text


@pytest.fixture
def client(web: Desk[Web]) -> Iterator[httpx.Client]:
    """Somebody with a session."""
    with httpx.Client(base_url=web.it.address, trust_env=False, timeout=20) as one:
        one.headers["Authorization"] = f"Bearer {one.post('/sessions').json()['token']}"
        yield one


@cache
def contract() -> dict[str, Any]:
    return read_yaml(ROOT / "docs" / "web-channel.openapi.yml")


def assert_in_the_contract(answer: httpx.Response, path: str, method: str = "post") -> None:
    """See that the description names this answer, its headers and its form."""
    named = contract()["paths"][path][method]["responses"]
    assert str(answer.status_code) in named, (answer.status_code, answer.text[:200])
    told = named[str(answer.status_code)]
    if "$ref" in told:
        told = contract()["components"]["responses"][told["$ref"].rpartition("/")[2]]
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    if schema := told.get("content", {}).get("application/json", {}).get("schema"):
        jsonschema.validate(answer.json(), {**schema, "components": contract()["components"]})


def assert_still_served(client: httpx.Client, tried: int) -> None:
    """See that all was tried, and that the conversation goes on."""
    last = {"id": f"last-{tried}", "text": f"{MARK}, are you there?"}
    for _ in range(2):
        assert client.post("/messages", json=last).status_code == 202
    assert Message.objects.filter(client_id=last["id"]).count() == 1


def test_the_description_has_every_address_of_the_contract() -> None:
    page = (ROOT / "docs" / "web-channel.md").read_text()
    for path, operations in contract()["paths"].items():
        for method in operations:
            assert f"| `{method.upper()} {path.strip('/')}` |" in page


@pytest.mark.parametrize("path", ["/sessions", "/messages", "/receipts"])
def test_any_json_gets_an_answer_of_the_contract(client: httpx.Client, path: str) -> None:
    tried = []

    @times("web: bodies of any JSON")
    @given(body=anything)
    def one(body: Any) -> None:
        tried.append(body)
        assert_in_the_contract(client.post(path, content=as_json(body)), path)

    one()
    assert len(tried) >= TRIED["web: bodies of any JSON"]
    assert_still_served(client, len(tried))


def test_a_message_with_wrong_parts_is_refused_or_kept_once(client: httpx.Client) -> None:
    tried = []

    @times("web: messages with wrong parts")
    @given(body=changed(SAID))
    def one(body: Any) -> None:
        tried.append(body)
        before = set(Message.objects.values_list("client_id", flat=True))
        answers = [client.post("/messages", content=as_json(body)) for _ in range(2)]
        assert answers[0].status_code == answers[1].status_code, "the same again has the same answer"
        assert_in_the_contract(answers[0], "/messages")
        if answers[0].status_code == 202:
            kept = Message.objects.filter(client_id=body["id"], author="visitor")
            assert kept.count() == 1
        else:
            assert set(Message.objects.filter(author="visitor").values_list("client_id", flat=True)) <= before

    one()
    assert len(tried) >= TRIED["web: messages with wrong parts"]
    assert_still_served(client, len(tried))


def test_bytes_that_are_no_json_are_refused(client: httpx.Client) -> None:
    tried = []

    @times("web: bytes that are no JSON")
    @given(body=broken(as_json(SAID)))
    def one(body: bytes) -> None:
        tried.append(body)
        assert_in_the_contract(client.post("/messages", content=body), "/messages")

    one()
    assert len(tried) >= TRIED["web: bytes that are no JSON"]
    assert_still_served(client, len(tried))


def test_a_token_that_is_none_opens_nothing(client: httpx.Client) -> None:
    true, tried = client.headers["Authorization"], []

    @times("web: tokens")
    @given(shown=st.one_of(st.binary(max_size=60), broken(true.encode())))
    def one(shown: bytes) -> None:
        tried.append(shown)
        shown = b"".join(shown.replace(b"\x00", b"").splitlines()).strip()
        if shown.partition(b" ")[2].strip() == true.encode().partition(b" ")[2] and shown[:6].lower() == b"bearer":
            return
        try:
            answer = client.post("/messages", headers={"Authorization": shown}, json=SAID)
        except httpx.LocalProtocolError:
            return
        # Bytes that no header may hold are refused before they reach us.
        assert answer.status_code in (400, 401)

    one()
    assert len(tried) >= TRIED["web: tokens"]
    assert not Message.objects.filter(author="visitor").exists()
    assert_still_served(client, len(tried))


def test_a_position_in_a_stream_is_a_number_or_is_refused(client: httpx.Client) -> None:
    tried = []

    @times("web: positions in a stream")
    @given(after=st.one_of(st.text(max_size=20), st.integers().map(str)))
    def one(after: str) -> None:
        tried.append(after)
        after = after.encode(errors="replace").decode()
        with client.stream("GET", "/events", params={"after": after}) as answer:
            if answer.status_code != 200:
                answer.read()
                assert_in_the_contract(answer, "/events", "get")
            else:
                assert answer.headers["Content-Type"].startswith("text/event-stream")

    one()
    assert len(tried) >= TRIED["web: positions in a stream"]
    assert_still_served(client, len(tried))


def test_a_body_beyond_every_measure_is_refused_before_it_fills_the_memory(client: httpx.Client) -> None:
    # It may hang up while the rest is still on its way.
    with suppress(httpx.WriteError, httpx.ReadError):
        assert client.post("/messages", content=b"x" * (5 * 1024 * 1024)).status_code == 413
    assert_still_served(client, 0)
