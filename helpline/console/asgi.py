"""The console as an ASGI application: ``uvicorn helpline.console.asgi:application``.

Give uvicorn a short ``--timeout-graceful-shutdown``: live streams end only when they are told to.
"""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpline.settings")

application = get_asgi_application()
