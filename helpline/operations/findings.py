"""What `helpline doctor` finds: of which kind it is, and a line that says what to do."""

from __future__ import annotations

WRONG, NOTE, FINE = "wrong", "note", "ok"
Finding = tuple[str, str]
