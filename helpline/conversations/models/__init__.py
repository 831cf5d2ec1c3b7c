"""What is kept: conversations, messages both ways and where they go, cases, dialogue memory, what the staff did."""

from helpline.conversations.models.case import Case, CaseEvent, Looking, Note, Page
from helpline.conversations.models.conversation import LEVELS, Conversation, DialogueEvent, WebSession
from helpline.conversations.models.delivery import Address, ChannelCount, Part, Stop
from helpline.conversations.models.message import Message
from helpline.conversations.models.staff import AuditEvent, Duty, FlagReview, OnlyAddedTo

__all__ = [
    "LEVELS",
    "Address",
    "AuditEvent",
    "Case",
    "CaseEvent",
    "ChannelCount",
    "Conversation",
    "DialogueEvent",
    "Duty",
    "FlagReview",
    "Looking",
    "Message",
    "Note",
    "OnlyAddedTo",
    "Page",
    "Part",
    "Stop",
    "WebSession",
]
