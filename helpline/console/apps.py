"""The Django app of the staff console."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ConsoleConfig(AppConfig):
    """The pages with which staff take over, review and answer."""

    name = "helpline.console"
    label = "console"

    def ready(self) -> None:
        """Have the roles made after each migration, and logins noted."""
        from helpline.console import logins  # noqa: F401  # its receivers
        from helpline.console.roles import make_roles

        post_migrate.connect(make_roles, sender=apps.get_app_config("conversations"))
