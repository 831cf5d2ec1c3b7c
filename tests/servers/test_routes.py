"""Which addresses of the servers answer, and with which headers: ours, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rasa.core.agent import Agent
from rasa.core.run import configure_app, create_http_input_channels
from rasa.server import create_app
from sanic import Sanic

from helpline.paths import ROOT
from tests.servers.stack import Stack
from tests.servers.visitor import Visitor

CHANNELS = {"telegram", "sms", "whatsapp", "messenger", "slack", "webhook"}
WEB = {"sessions", "messages", "events", "receipts", "typing", "session", "health", "frame"}
PAGES = {"", "how", "protocol", "privacy", "accessibility"}
METHODS = ("GET", "POST", "PUT", "DELETE")


def routes_of(app: Sanic) -> set[tuple[str, str]]:
    """Return method and address of every route, with a word for each of its parts."""
    return {
        (method, "/" + re.sub(r"<[^>]*>", "x", route.path).lstrip("/"))
        for route in app.router.routes
        for method in route.methods
    }


@pytest.fixture(scope="module")
def served() -> Iterator[set[tuple[str, str]]]:
    """Every route that Rasa makes of our credentials, with all channels on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.HELPLINE_PUBLIC_URL", "https://chat.example.org")
        patch.setattr("rasa.server.add_root_route", lambda app: None)
        for name in re.findall(r"\$\{(\w+)\}", (ROOT / "credentials.yml").read_text()):
            patch.setenv(name, "filled in")
        channels = create_http_input_channels(None, str(ROOT / "credentials.yml"))
        yield routes_of(configure_app(channels, enable_api=False))


def test_every_route_that_is_served_is_a_channel_of_ours(served: set[tuple[str, str]]) -> None:
    folders = {tuple(path.strip("/").split("/")[:2]) for _, path in served}
    assert folders == {("webhooks", name) for name in {"web", *CHANNELS}}
    for name in CHANNELS:
        assert {path for _, path in served if path.startswith(f"/webhooks/{name}/")} == {f"/webhooks/{name}/events"}


def test_every_route_of_the_web_channel_is_in_the_contract_or_a_file(served: set[tuple[str, str]]) -> None:
    """A new route has to be named here and in docs/web-channel.md."""
    told = (ROOT / "docs" / "web-channel.md").read_text()
    names = {
        path.removeprefix("/webhooks/web").strip("/") for _, path in served if f"{path}/".startswith("/webhooks/web/")
    }
    own = {name for name in names if not re.search(r"\.(js|css|svg)$", name)} - {"x"}
    assert own == WEB | PAGES
    for name in own - {""}:
        assert f" {name}`" in told or f"`{name}`" in told, name


def test_rasa_offers_nobody_its_own_api(stack: Stack) -> None:
    """Every route that Rasa would have with its API on, in every way it can be asked."""
    api = routes_of(create_app(Agent()))
    assert {"/model/parse", "/conversations/x/tracker", "/conversations/x/trigger_intent"} <= {path for _, path in api}
    root = stack.web.removesuffix("/webhooks/web")
    with httpx.Client(base_url=root, trust_env=False) as client:
        for path in sorted({path for _, path in api}):
            answers = {method: client.request(method, path).status_code for method in METHODS}
            assert set(answers.values()) == {404}, (path, answers)


@pytest.mark.parametrize("name", ["rest", "callback", "socketio", "cmdline", "facebook", "botframework", "rasa"])
def test_no_stock_channel_of_rasa_answers(stack: Stack, name: str) -> None:
    root = stack.web.removesuffix("/web")
    for path in ("", "/", "/webhook", "/events", "/bot_message"):
        for method in ("GET", "POST"):
            answer = httpx.request(
                method, f"{root}/{name}{path}", json={"sender": "x", "message": "hi"}, trust_env=False
            )
            assert answer.status_code == 404, (method, path)


def test_the_stock_rest_channel_is_named_only_inside_the_benchmark() -> None:
    """There a bare id speaks."""
    files = [ROOT / "credentials.yml", *(ROOT / "helpline").rglob("*.py"), *(ROOT / "deploy").rglob("*")]
    naming = {
        str(path.relative_to(ROOT))
        for path in files
        if path.is_file()
        and re.search(r"^rest\b|RestInput|webhooks/rest|[\"']rest[\"']", path.read_text(), re.MULTILINE)
    }
    assert {path for path in naming if not path.startswith("helpline/evaluation/benchmark/")} == set()


def headers_of(address: str, method: str = "GET", **options: str) -> httpx.Headers:
    """Ask, and return the answer's headers."""
    with httpx.stream(method, address, headers=options, trust_env=False) as answer:
        return answer.headers


@pytest.mark.parametrize(
    ("method", "path", "kept"),
    [
        ("GET", "", "no-cache"),
        ("GET", "privacy", "no-cache"),
        ("GET", "no-such-page", "no-cache"),
        ("GET", "frame", "no-cache"),
        ("GET", "widget.js", "no-cache"),
        ("GET", "site.css", "no-cache"),
        ("GET", "health", "no-store"),
        ("POST", "sessions", "no-store"),
        ("POST", "messages", "no-store"),
        ("GET", "events", "no-store"),
        ("GET", "../telegram/events", "no-store"),
        ("GET", "../../model/parse", "no-store"),
        ("PUT", "sessions", "no-store"),
    ],
)
def test_every_answer_of_the_chats_server_says_what_a_browser_may_do_with_it(
    stack: Stack, method: str, path: str, kept: str
) -> None:
    """A page, a file, an answer to a program, a refusal and a miss."""
    headers = headers_of(f"{stack.web}/{path}", method, Accept="text/html")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith(("default-src 'self'", "default-src 'none'"))
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["Cache-Control"].startswith(kept)
    assert "Set-Cookie" not in headers
    assert "Server" not in headers


def test_a_stream_says_it_too(visitor: Visitor) -> None:
    with visitor.stream() as (answer, _):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["", "login", "health", "no-such-page", "static/console/console.css"])
def test_every_answer_of_the_console_says_what_a_browser_may_do_with_it(stack: Stack, path: str) -> None:
    headers = headers_of(f"{stack.console}/{path}")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    if path.startswith("static"):
        return
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_test_of_this_file_forgets_a_file_of_the_site() -> None:
    """What the pages are made of has no other kind of file."""
    kinds = {path.suffix for folder in ("widget", "site") for path in Path(ROOT / folder).rglob("*") if path.is_file()}
    assert kinds <= {".js", ".css", ".svg", ".md", ".html"}
