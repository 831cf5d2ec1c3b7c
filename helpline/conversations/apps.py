"""The Django app that holds conversations, messages and cases."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConversationsConfig(AppConfig):
    """Conversations, the messages in them, and the cases that staff work on."""

    name = "helpline.conversations"
    label = "conversations"

    def ready(self) -> None:
        """Have the audit log closed to changes after each migration."""
        from helpline.conversations.audit_triggers import protect

        post_migrate.connect(protect, sender=self)
