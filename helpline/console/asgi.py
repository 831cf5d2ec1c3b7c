"""The console as an ASGI application: ``uvicorn --ws none --lifespan off helpline.console.asgi:application``.

``--ws none``: Rasa holds websockets at a version that uvicorn cannot import, and nothing here uses it.
Give a short ``--timeout-graceful-shutdown`` too: live streams end only when they are told to.
"""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpline.settings")

application = get_asgi_application()
