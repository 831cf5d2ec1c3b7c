"""What the visitor says to the one question after a case: whether it helped."""

from __future__ import annotations

from helpline.conversations import audit
from helpline.conversations.models import Case, Message

_HELPED = {
    "/helped_yes": Case.Helped.YES,
    "/helped_a_little": Case.Helped.A_LITTLE,
    "/helped_no": Case.Helped.NO,
}


def note_feedback(message: Message) -> None:
    """Keep it with the case that ended last, where the message chooses an answer to that question.

    The audit log says that it was answered, and not what.
    """
    if helped := _HELPED.get(message.payload):
        ended = Case.objects.filter(conversation_id=message.conversation_id, ended_at__isnull=False)
        last = ended.order_by("-ended_at").values_list("pk", flat=True).first()
        # Taken up again after a crash, it changes nothing any more.
        if Case.objects.filter(pk=last or 0).exclude(helped=helped).update(helped=helped):
            audit.record(None, "said whether it helped", last, audit.VISITOR)
