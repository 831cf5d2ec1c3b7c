"""A website of another origin than the channel, which carries the widget as an operator's own would."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Advice centre</title>
  <link rel="icon" href="data:,">
  <script type="module" src="{channel}/widget.js"></script>
</head>
<body>
  <h1>Advice centre</h1>
  <helpline-chat title="Talk to us"><p>In danger? Call <a href="tel:911">911</a>.</p></helpline-chat>
</body>
</html>"""


class Website:
    """Serves one page, under the strictest policy that lets the widget work."""

    def __init__(self) -> None:
        site = self
        self.channel = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        """The origin as the operator names it in `HELPLINE_ORIGINS`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Serve the page."""
        body = _PAGE.format(channel=self.channel).encode()
        host = "/".join(self.channel.split("/")[:3])
        policy = f"default-src 'none'; script-src {host}; connect-src {host}; img-src data:; base-uri 'none'"
        request.send_response(200)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Content-Security-Policy", policy)
        request.end_headers()
        request.wfile.write(body)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
