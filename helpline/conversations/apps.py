"""The Django app that holds conversations, messages and cases."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Conversations, the messages in them, and the cases that staff work on."""

    name = "helpline.conversations"
    label = "conversations"
