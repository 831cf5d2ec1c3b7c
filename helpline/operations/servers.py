"""The server processes; `helpline run` starts each of them by this module."""

from __future__ import annotations

import os
import sys
from hmac import compare_digest

import django
from django.conf import settings

from helpline.channels.credentials import set_empty_defaults
from helpline.operations.training import model_path, quiet_environment
from helpline.paths import ROOT

_LOOPBACK = "127.0.0.1"


def serve_rasa() -> None:
    """Serve Rasa with the channels of `credentials.yml`, on loopback."""
    _prepare()
    from rasa import server
    from rasa.__main__ import main

    # Rasa's page at the root tells strangers its version.
    server.add_root_route = lambda app: None
    origins = settings.HELPLINE_ORIGINS
    sys.argv = [
        "rasa", "run", "--model", settings.HELPLINE_MODEL or str(model_path()), "--interface", _LOOPBACK,
        "--port", str(settings.HELPLINE_PORT), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
        # sanic_cors answers before our own routes, so the allowed origins are given to Rasa.
        *(["--cors", *origins] if origins else []),
    ]  # fmt: skip
    main()


def serve_actions() -> None:
    """Serve the custom actions, on loopback, to whoever shows the shared secret."""
    _prepare()
    from rasa_sdk.endpoint import create_app
    from sanic.request import Request
    from sanic.response import HTTPResponse, json

    app = create_app("actions", cors_origins=[])

    @app.on_request
    async def refuse_strangers(request: Request) -> HTTPResponse | None:
        shown = request.headers.get("X-Helpline-Secret", "")
        if request.path == "/health" or compare_digest(shown.encode(), settings.HELPLINE_ACTIONS_SECRET.encode()):
            return None
        return json({"error": "the shared secret is needed"}, status=401)

    app.run(_LOOPBACK, settings.HELPLINE_ACTIONS_PORT, access_log=False)


def serve_console() -> None:
    """Serve the staff console, on loopback."""
    _prepare()
    import uvicorn

    uvicorn.run(
        "helpline.console.asgi:application",
        host=_LOOPBACK,
        port=settings.HELPLINE_CONSOLE_PORT,
        # The pinned websockets is too old for uvicorn, and nothing here speaks it.
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


def serve_metrics() -> None:
    """Answer Prometheus, on loopback."""
    _prepare()
    from helpline.operations import metrics

    if settings.HELPLINE_METRICS_PORT is None:
        sys.exit("helpline: set HELPLINE_METRICS_PORT to where Prometheus is to ask.")
    _, thread = metrics.serve(settings.HELPLINE_METRICS_PORT)
    thread.join()


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpline.settings")
    os.environ.update(quiet_environment())
    os.chdir(ROOT)
    # What visitors write is for the account that runs this, and for no other.
    os.umask(0o077)
    django.setup()
    # `endpoints.yml` takes these from the environment.
    os.environ["HELPLINE_ACTIONS_PORT"] = str(settings.HELPLINE_ACTIONS_PORT)
    os.environ["HELPLINE_ACTIONS_SECRET"] = settings.HELPLINE_ACTIONS_SECRET
    # And `credentials.yml` these: a channel whose values are empty is off.
    set_empty_defaults()


if __name__ == "__main__":
    servers = {"rasa": serve_rasa, "actions": serve_actions, "console": serve_console, "metrics": serve_metrics}
    servers[sys.argv[1]]()
