"""The server processes; `helpline run` starts each of them by this module, or the one that it names."""

from __future__ import annotations

import os
import sys
from hmac import compare_digest

import django
from django.conf import settings

from helpline import lean_rasa
from helpline.channels.credentials import set_empty_defaults
from helpline.operations import rollout
from helpline.operations.training import quiet_environment
from helpline.paths import ROOT


def serve_rasa() -> None:
    """Serve Rasa with the channels of `credentials.yml`, where `HELPLINE_INTERFACE` says."""
    _prepare()
    lean_rasa.leave_out()
    from rasa import server
    from rasa.__main__ import main

    # Rasa's page at the root tells strangers its version.
    server.add_root_route = lambda app: None
    origins = settings.HELPLINE_ORIGINS
    sys.argv = [
        "rasa", "run", "--model", str(rollout.serving()),
        "--interface", settings.HELPLINE_INTERFACE, "--port", str(settings.HELPLINE_PORT),
        "--endpoints", "endpoints.yml", "--credentials", "credentials.yml",
        # sanic_cors answers before our own routes, so the allowed origins are given to Rasa.
        *(["--cors", *origins] if origins else []),
    ]  # fmt: skip
    main()


def serve_actions() -> None:
    """Serve the custom actions to whoever shows the shared secret."""
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

    app.run(settings.HELPLINE_INTERFACE, settings.HELPLINE_ACTIONS_PORT, access_log=False)


def serve_console() -> None:
    """Serve the staff console, where `HELPLINE_INTERFACE` says."""
    _prepare()
    import uvicorn

    uvicorn.run(
        "helpline.console.asgi:application",
        host=settings.HELPLINE_INTERFACE,
        port=settings.HELPLINE_CONSOLE_PORT,
        # The pinned websockets is too old for uvicorn, and nothing here speaks it.
        ws="none",
        lifespan="off",
        forwarded_allow_ips=[str(network) for network in settings.HELPLINE_PROXIES],
        access_log=False,
        log_config=None,
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
    os.environ["HELPLINE_ACTIONS_HOST"] = settings.HELPLINE_ACTIONS_HOST
    os.environ["HELPLINE_ACTIONS_PORT"] = str(settings.HELPLINE_ACTIONS_PORT)
    os.environ["HELPLINE_ACTIONS_SECRET"] = settings.HELPLINE_ACTIONS_SECRET
    # And `credentials.yml` these: a channel whose values are empty is off.
    set_empty_defaults()


SERVERS = {"rasa": serve_rasa, "actions": serve_actions, "console": serve_console, "metrics": serve_metrics}

if __name__ == "__main__":
    SERVERS[sys.argv[1]]()
