"""The Django app of the staff console."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The pages with which staff take over, review and answer."""

    name = "helpline.console"
    label = "console"
