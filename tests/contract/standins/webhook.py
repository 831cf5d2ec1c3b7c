"""An operator's program behind the signed webhook, as docs/adding-a-channel.md describes it."""

from __future__ import annotations

import hashlib
import hmac
import time

from tests.contract.standins.base import Call, Reply, StandIn

SECRET = "shared-secret-of-the-tests"


class WebhookStandIn(StandIn):
    """Takes what is signed, and each id once."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def answer(self, call: Call) -> Reply:
        moment = call.headers.get("X-Helpline-Timestamp", "")
        proof = hmac.new(SECRET.encode(), f"v1:{moment}:".encode() + call.body, hashlib.sha256).hexdigest()
        if call.headers.get("X-Helpline-Signature") != f"v1={proof}" or abs(time.time() - int(moment)) > 300:
            return Reply(401, {"code": "forged"})
        asked = call.json
        assert call.headers["Idempotency-Key"] == asked["id"]
        if asked["id"] not in self.seen:
            self.seen.add(asked["id"])
            shown = "".join(f"\n[{button['title']}]" for button in asked["buttons"])
            self.taken.append((asked["to"], asked["text"] + shown))
        return Reply(202, {})
