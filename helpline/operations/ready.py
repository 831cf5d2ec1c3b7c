"""Whether a server is ready for work: what `helpline run`, a service manager and a container ask.

`python -m helpline.operations.ready rasa --wait 180` ends with 0 as soon as it is, else with 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import httpx
from django.conf import settings

#: What each server answers 200 to when it can do its work; the action server needs neither model nor database to be up.
_ADDRESSES = {
    "rasa": ("HELPLINE_PORT", "/webhooks/web/health"),
    "actions": ("HELPLINE_ACTIONS_PORT", "/health"),
    "console": ("HELPLINE_CONSOLE_PORT", "/health"),
}
_PAUSE_SECONDS = 0.5


def health_of(name: str) -> str:
    """Return the address under which this machine's server of that name tells how it is."""
    port, path = _ADDRESSES[name]
    return f"http://{settings.HELPLINE_HERE}:{getattr(settings, port)}{path}"


def is_ready(name: str) -> bool:
    """Tell whether this machine's server of that name can do its work."""
    try:
        return httpx.get(health_of(name), timeout=4, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def main() -> int:
    """Wait for one server; return 0 when it is ready."""
    # All that is needed of Django: nothing else of it is set up, as this is asked often.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpline.settings")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=_ADDRESSES)
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="how long to wait for it (0)")
    chosen = parser.parse_args()
    deadline = time.monotonic() + chosen.wait
    while not is_ready(chosen.name):
        if time.monotonic() >= deadline:
            sys.stderr.write(f"{chosen.name} is not ready: {health_of(chosen.name)}\n")
            return 1
        time.sleep(_PAUSE_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
