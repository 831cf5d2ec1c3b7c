"""Slack, by its Events and Web APIs.

Documents: "Verifying requests from Slack", "Using the Slack Events API", "message event" and its subtypes,
"Handling user interaction" (block_actions), "chat.postMessage", "Rate limits", "Formatting text".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import unescape
from typing import Any, ClassVar
from urllib.parse import parse_qs

import httpx
from django.conf import settings
from sanic.request import Request
from sanic.response import HTTPResponse, empty, text

from helpline.channels.provider import http
from helpline.channels.provider.channel import ProviderChannel
from helpline.channels.provider.events import Incoming, Kind, Outcome, Receipt, again, failed, named, none_now, unknown
from helpline.channels.provider.proof import check, check_fresh, signature
from helpline.channels.provider.wording import choices, links_as_lines, together
from helpline.conversations.addresses import key_of
from helpline.conversations.delivery import Due

#: Of a section block.
_LONGEST = 3000
#: Buttons in one block.
_MOST_CHOICES = 25
#: ``<https://…|shown>``, ``<tel:988|988>``, ``<@U1|sam>``: what is shown, or else what it leads to.
_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
#: What the token must be for.
_SCOPES = ("chat:write", "im:history", "im:write", "app_mentions:read")
_READ_SUBTYPES = (None, "file_share", "thread_broadcast", "me_message")


class Slack(ProviderChannel):
    """An app in a workspace, in direct messages."""

    channel: ClassVar[str] = "slack"
    title: ClassVar[str] = "Slack"
    needs: ClassVar[tuple[str, ...]] = ("signing_secret", "bot_token")
    #: Slack refuses with 200 and a word.
    endings: ClassVar[dict[str, Outcome]] = {
        **dict.fromkeys(
            ("channel_not_found", "user_not_found", "users_not_found", "account_inactive_user"),
            failed("The visitor's account does not exist any more."),
        ),
        **dict.fromkeys(
            ("user_disabled", "messages_tab_disabled", "cannot_dm_bot", "is_archived", "restricted_action"),
            failed("The visitor cannot be written to in Slack."),
        ),
        **dict.fromkeys(("msg_too_long", "msg_blocks_too_long"), failed("It is too long for Slack.")),
        **dict.fromkeys(
            (
                "invalid_auth",
                "not_authed",
                "token_revoked",
                "token_expired",
                "account_inactive",
                "missing_scope",
                "not_allowed_token_type",
                "no_permission",
            ),
            again("Slack does not accept our token."),
        ),
        **dict.fromkeys(
            ("org_login_required", "accesslimited", "access_denied", "ekm_access_denied"),
            again("The workspace does not let our app write at the moment."),
        ),
        **dict.fromkeys(
            ("service_unavailable", "request_timeout", "team_added_to_org"),
            again("Slack has a fault."),
        ),
        # Slack's documents: some of it may have been done before the error.
        **dict.fromkeys(("internal_error", "fatal_error"), unknown("Slack has a fault.")),
        **dict.fromkeys(
            ("ratelimited", "rate_limited", "message_limit_exceeded"), none_now("Slack asks to send more slowly.")
        ),
        "invalid_blocks": failed("Slack could not show it."),
        "no_text": failed("Slack could not show it."),
    }

    def prove(self, request: Request) -> None:
        """Compute Slack's signature over the time and the body; an old one is a copy."""
        moment = request.headers.get("X-Slack-Request-Timestamp", "")
        shown = request.headers.get("X-Slack-Signature", "")
        expected = signature(self.credentials["signing_secret"], b"v0:" + moment.encode() + b":" + request.body)
        check(shown, f"v0={expected}")
        check_fresh(moment)

    def events(self, request: Request) -> Sequence[Incoming | Receipt]:
        """Read an event, or a tap on a button, which comes as a form."""
        if _is_form(request):
            return _tapped(json.loads(parse_qs(request.body.decode())["payload"][0]))
        body = request.json
        if body["type"] != "event_callback":
            return []
        event = body["event"]
        return _said(event) if event["type"] in ("message", "app_mention") else []

    def acknowledge(self, request: Request) -> HTTPResponse:
        """Answer; to Slack's question whether the address is ours with what it asks to hear."""
        if _is_form(request):
            return empty(200)
        return text(str(request.json.get("challenge", "")))

    def parts(self, due: Due) -> list[dict[str, Any]]:
        """Return the reply as messages, the last one with the choices as a block of buttons."""
        words, buttons = due.message.text, due.message.buttons
        texts = together([words, links_as_lines(words, buttons)], _LONGEST, _length)
        parts: list[dict[str, Any]] = [{"text": _escaped(one), "blocks": [_section(one)]} for one in texts]
        if offered := choices(buttons)[:_MOST_CHOICES]:
            elements = [
                {
                    "type": "button",
                    "action_id": f"choice-{place}",
                    "text": {"type": "plain_text", "text": button["title"][:75]},
                    "value": button["payload"],
                }
                for place, button in enumerate(offered)
            ]
            parts[-1]["blocks"].append({"type": "actions", "elements": elements})
        return parts

    async def send(self, client: httpx.AsyncClient, address: str, part: dict[str, Any], number: int) -> Outcome:
        """Send a direct message; the method knows no key that would keep it from coming twice."""
        content = {"channel": address, "unfurl_links": False, "unfurl_media": False, **part}
        answer = await client.post(f"{settings.HELPLINE_SLACK_API}/chat.postMessage", json=content, headers=self._login)
        said = http.body(answer)
        if said.get("ok"):
            return self.taken(said.get("ts", ""))
        return self.refusal(answer, said.get("error"))

    async def check(self, client: httpx.AsyncClient) -> list[str]:
        """Ask who the token belongs to, and what it may do."""
        answer = await client.post(f"{settings.HELPLINE_SLACK_API}/auth.test", headers=self._login)
        said = http.body(answer)
        if not said.get("ok"):
            return [f"Slack does not accept the token: {said.get('error', 'no reason given')}"]
        given = answer.headers.get("X-OAuth-Scopes")
        scopes = _SCOPES if given is None else [scope.strip() for scope in given.split(",")]
        return [f"the token lacks the scope {scope}" for scope in _SCOPES if scope not in scopes]

    @property
    def _login(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credentials['bot_token']}"}


def _said(event: dict[str, Any]) -> list[Incoming]:
    changed = event.get("subtype") == "message_changed"
    message = event["message"] if changed else event
    # Of a change the inner kind: a message with answers that is taken away is changed into a tombstone.
    if message.get("bot_id") or not message.get("user") or message.get("subtype") not in _READ_SUBTYPES:
        # Ours or another bot's, somebody joined, a message was taken away, and the like.
        return []
    if changed and message.get("text") == (event.get("previous_message") or {}).get("text"):
        # Only the preview of a link came to it.
        return []
    number = f"{event['channel']}-{message['ts']}"
    kind = Kind.SAID if event.get("channel_type") == "im" else Kind.IN_GROUP
    if changed:
        number += f"-changed-{(message.get('edited') or event)['ts']}"
        kind = Kind.CHANGED if kind is Kind.SAID else kind
    words = _plain(str(message.get("text") or ""))
    # What was beside it has been noted already.
    attached = "" if changed else named(map(_kind, message.get("files") or []))
    # A keyed hash: the channel's name would lead from a transcript to the person.
    number = key_of(Slack.channel, number)
    # To the person and not to where it was said: the answer then comes as a direct message.
    return [Incoming(number, str(message["user"]), words, kind=kind, attached=attached)] if words or attached else []


def _tapped(body: dict[str, Any]) -> list[Incoming]:
    if body["type"] != "block_actions":
        return []
    user = str(body["user"]["id"])
    return [
        Incoming(f"tap-{one['action_ts']}-{one['action_id']}", user, payload=str(one["value"]))
        for one in body["actions"]
        if one.get("value")
    ]


def _kind(file: dict[str, Any]) -> str:
    kinds = {"image": "photo", "audio": "voice message", "video": "video"}
    return kinds.get(str(file.get("mimetype", "")).partition("/")[0], "file")


def _plain(written: str) -> str:
    """Return Slack's way to write a text as what its author sees."""
    return unescape(_LINK.sub(lambda found: found[2] or found[1], written))


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _length(words: str) -> int:
    return len(_escaped(words))


def _section(words: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _escaped(words), "verbatim": True}}


def _is_form(request: Request) -> bool:
    return str(request.headers.get("Content-Type", "")).startswith("application/x-www-form-urlencoded")
