"""A responder in the console, as a browser would be."""

from __future__ import annotations

from typing import Any

import httpx

from tests.servers.stack import Stack


class Responder:
    """Logs in, and works on cases by their numbers."""

    def __init__(self, stack: Stack, name: str = "responder") -> None:
        self._client = httpx.Client(base_url=stack.console, timeout=30, trust_env=False)
        self._client.get("/login").raise_for_status()
        entered = self._post("/login", username=name, password=stack.passwords[name])
        assert entered.status_code == httpx.codes.FOUND, "the login was refused"

    def claim(self, case_id: int) -> None:
        """Take a waiting case."""
        self._act(case_id, "claim")

    def reply(self, case_id: int, text: str) -> None:
        """Write to the visitor of a held case."""
        self._act(case_id, "reply", text=text)

    def resolve(self, case_id: int) -> None:
        """End a held case."""
        self._act(case_id, "resolve", outcome="safe")

    def page(self, case_id: int) -> str:
        """Return the case's page."""
        return self._client.get(f"/cases/{case_id}/").raise_for_status().text

    def types(self, case_id: int) -> None:
        """Let the visitor see that a reply is being written."""
        assert self._post(f"/cases/{case_id}/typing").status_code == httpx.codes.NO_CONTENT

    def _act(self, case_id: int, step: str, **fields: Any) -> None:
        done = self._post(f"/cases/{case_id}/{step}", **fields)
        assert done.status_code == httpx.codes.FOUND, f"{step} was answered {done.status_code}"

    def _post(self, path: str, **fields: Any) -> httpx.Response:
        form = {**fields, "csrfmiddlewaretoken": self._client.cookies["helpline_csrf"]}
        return self._client.post(path, data=form)
