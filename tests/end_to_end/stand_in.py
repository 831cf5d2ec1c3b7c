"""A stand-in of the web channel, to which a test gives the faults and the words; the widget's own files are real."""

from __future__ import annotations

import json
import mimetypes
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from helpline.channels.web import frame, modules

AT = "2026-03-02T09:30:00+00:00"
PAGE = """<!doctype html>
<html lang="{lang}"{html}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title>
<link rel="icon" href="data:,">{style}<script type="module" src="{channel}/widget.js"></script></head>
<body><main><h1>A page</h1>{before}<helpline-chat {attributes}>{numbers}</helpline-chat>{after}</main></body></html>"""
NUMBERS = '<p>Emergency: <a href="tel:911">911</a>. Crisis line: <a href="tel:988">988</a>.</p>'


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: A page asks for all modules at once.
    request_queue_size = 64


class Channel:
    """Speaks the contract of docs/web-channel.md, badly where a test wants it."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.status: dict[str, Any] = {"status": "bot"}
        self.posted: list[dict[str, Any]] = []
        self.begun: list[dict[str, Any]] = []
        self.asked: list[str] = []
        #: By "METHOD path": what is answered instead, as status, headers and body.
        self.refusals: dict[str, tuple[int, dict[str, str], dict[str, Any]]] = {}
        #: By "METHOD path": how many seconds an answer takes longer.
        self.delays: dict[str, float] = {}
        self.is_away = False
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        self._typing = ""
        self._news = threading.Condition()
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                channel.answer(self)

            do_POST = do_DELETE = do_OPTIONS = do_GET  # noqa: N815 - the server looks for these names

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def web(self) -> str:
        """The address of the channel."""
        return f"{self.origin}/webhooks/web"

    # --- what a test makes happen

    def host(self, name: str = "page", headers: dict[str, str] | None = None, **parts: str) -> str:
        """Put a page with the widget on it under a name; return its path."""
        filled = {
            "lang": "en",
            "numbers": NUMBERS,
            **dict.fromkeys(("html", "style", "before", "after", "attributes"), ""),
        }
        self.pages[f"/{name}"] = (PAGE.format(channel=self.web, **{**filled, **parts}), headers or {})
        return f"{self.origin}/{name}"

    def frame(self, query: str = "", more: str = "") -> str:
        """Put a page with the chat in a frame, on a website of another origin; return its address."""
        inner = f'<iframe src="{self.web}/frame{query}" {more} width="400" height="700" title="Chat"></iframe>'
        self.pages["/framing"] = (f'<title>A page</title><link rel="icon" href="data:,">{inner}', {})
        return f"{self.origin}/framing".replace("127.0.0.1", "localhost")

    def say(self, author: str, text: str, **more: Any) -> None:
        """Write a row of the conversation."""
        with self._news:
            row = {"id": len(self.rows) + 1, "author": author, "text": text, "buttons": [], "at": AT}
            self.rows.append({**row, **more})
            self._news.notify_all()

    def turn(self, **status: Any) -> None:
        """Tell another status."""
        with self._news:
            self.status = status
            self._news.notify_all()

    def types(self, author: str) -> None:
        """Let somebody be seen writing, once."""
        with self._news:
            self._typing = author
            self._news.notify_all()

    def go_away(self, away: bool = True) -> None:
        """Answer nobody any more, and end all streams; or come back."""
        with self._news:
            self.is_away = away
            self._news.notify_all()

    def close(self) -> None:
        """Stop serving."""
        self.go_away()
        self._server.shutdown()
        self._server.server_close()

    # --- what it answers

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request, or hang up."""
        path = urlsplit(request.path).path
        name = f"{request.command} {path.removeprefix('/webhooks/web/')}"
        self.asked.append(name)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        is_file = request.command == "GET" and name != "GET events"
        if self.is_away and not is_file:
            request.close_connection = True
            return
        time.sleep(self.delays.get(name, 0))
        if name in self.refusals:
            status, headers, content = self.refusals[name]
            _send(request, status, json.dumps(content).encode(), {"Content-Type": "application/json", **headers})
        elif is_file:
            self._serve(request, path)
        elif name == "GET events":
            self._stream(request)
        else:
            self._act(request, name, json.loads(body or "{}"))

    def _act(self, request: BaseHTTPRequestHandler, name: str, body: dict[str, Any]) -> None:
        status, content = 204, dict[str, Any]()
        if name == "POST sessions":
            self.begun.append(body)
            status, content = 201, {"conversation": "web-1", "token": "secret"}
        elif name == "POST messages":
            self.posted.append(body)
            self.say("visitor", body.get("text") or body["payload"], client_id=body["id"])
            status, content = 202, {"accepted": body["id"]}
        elif name == "DELETE session":
            status, content = 200, {"erased": True}
        _send(request, status, json.dumps(content).encode() if content else b"", {"Content-Type": "application/json"})

    def _stream(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        for header, value in {**_SHARED, "Content-Type": "text/event-stream"}.items():
            request.send_header(header, value)
        request.end_headers()
        sent = int(request.headers.get("Last-Event-ID") or 0)
        told: dict[str, Any] = {}
        try:
            request.wfile.write(b": open\n\n")
            while not self.is_away:
                with self._news:
                    rows, status, self._typing, typing = self.rows[sent:], self.status, "", self._typing
                    if not rows and status == told and not typing:
                        self._news.wait(1)
                if status != told:
                    request.wfile.write(_event("status", status))
                for row in rows:
                    request.wfile.write(_event("message", row, row["id"]))
                if typing:
                    request.wfile.write(_event("typing", {"author": typing}))
                sent, told = sent + len(rows), status
        except OSError:
            pass  # the page is gone

    def _serve(self, request: BaseHTTPRequestHandler, path: str) -> None:
        name = path.removeprefix("/webhooks/web/")
        file = modules.WIDGET / name
        if path in self.pages:
            text, headers = self.pages[path]
            _send(request, 200, text.encode(), {"Content-Type": "text/html; charset=utf-8", **headers})
        elif name == "frame":
            headers = {"Content-Type": "text/html; charset=utf-8", **frame.headers(["http://localhost:*"])}
            _send(request, 200, frame.page("US").encode(), headers)
        elif file.suffix == ".js" and file.is_file():
            module = modules.prepared(file)
            _send(request, 200, module.packed, {"Content-Type": "text/javascript", "Content-Encoding": "gzip"})
        elif file.is_file():
            _send(request, 200, file.read_bytes(), {"Content-Type": mimetypes.guess_type(name)[0] or ""})
        else:
            _send(request, 404, b"", {})


_SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Allow-Methods": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Cache-Control": "no-store",
}


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    request.send_response(status)
    for header, value in {**_SHARED, "Content-Length": str(len(body)), **headers}.items():
        request.send_header(header, value)
    request.end_headers()
    request.wfile.write(body)


def _event(kind: str, data: dict[str, Any], number: int | None = None) -> bytes:
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {kind}\ndata: {json.dumps(data)}\n\n".encode()
