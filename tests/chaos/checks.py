"""What must hold after all of it: the history from outside beside the product's own rows.

Each check returns a line for each fault that it finds; an empty list is the proof.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from helpline.conversations.models import Case, Conversation, DialogueEvent, Message, Part
from helpline.conversations.outbox import Place
from helpline.risk.levels import Level
from tests.chaos.history import History, Said, Taken

#: How long after a crash or a cut what was on its way then may come a second time, in seconds.
_WINDOW = 40.0


def check(history: History, groups: int) -> dict[str, list[str]]:
    """Return what each check found, by what it is called in the report."""
    return {
        "accepted messages that are lost": lost(history),
        "accepted messages that nobody answered": unanswered(history),
        "effects that are doubled inside": doubled_inside(history),
        "messages out of their order": out_of_order(history),
        "replies that did not arrive": not_arrived(history),
        "doubles at a provider without a reason": doubled_without_reason(history),
        "imminent messages without crisis text": without_crisis_text(history),
        "cases that were not paged at every step": not_paged(history, groups),
    }


def lost(history: History) -> list[str]:
    """Every message that was accepted is kept once, with its words; so is every reply of a responder."""
    faults = []
    for said in _accepted(history):
        rows = _rows(said)
        if [row.text for row in rows] != [said.text]:
            faults.append(f"{said.channel} {said.client_id}: kept {len(rows)} times")
    for replied in history.replied:
        kept = Message.objects.filter(author=Message.Author.RESPONDER, text=replied.text).count()
        if replied.accepted is not None and kept == 0:
            faults.append(f"case {replied.case}: a reply is not kept")
    return faults


def unanswered(history: History) -> list[str]:
    """Every message is seen through, and has an answer unless a person held the conversation."""
    faults = []
    for said in _accepted(history):
        for row in _rows(said):
            if row.processed_at is None:
                faults.append(f"{said.channel} {said.client_id}: not seen through")
            elif not row.replies.exists() and not _held(row):
                faults.append(f"{said.channel} {said.client_id}: no answer")
    return faults


def doubled_inside(history: History) -> list[str]:
    """No message is kept twice, answered twice in the same way, or has two open cases; no reply is kept twice."""
    faults = []
    for said in history.said:
        if len(_rows(said)) > 1:
            faults.append(f"{said.channel} {said.client_id}: kept twice")
        for row in _rows(said):
            answers = Counter(row.replies.values_list("response", flat=True))
            faults += [f"{said.channel} {said.client_id}: {name} {n} times" for name, n in answers.items() if n > 1]
    for replied in history.replied:
        kept = Message.objects.filter(author=Message.Author.RESPONDER, text=replied.text).count()
        if kept > 1:
            faults.append(f"case {replied.case}: a reply is kept {kept} times")
    remembered = Counter(
        (conversation, data.get("message_id"))
        for conversation, data in _dialogue("user").values_list("conversation_id", "data")
    )
    faults += [f"message {one[1]}: Rasa remembers it {n} times" for one, n in remembered.items() if n > 1]
    return faults


def out_of_order(history: History) -> list[str]:
    """What was accepted before another was sent comes before it; so does what goes out, on each channel."""
    faults = []
    by_conversation: dict[str, list[Said]] = defaultdict(list)
    for said in _accepted(history):
        by_conversation[said.conversation].append(said)
    for messages in by_conversation.values():
        numbered = [(said, row.seq) for said in messages for row in _rows(said)]
        for said, seq in numbered:
            for later, later_seq in numbered:
                if said.accepted is not None and said.accepted < later.began and seq > later_seq:
                    faults.append(f"{said.channel} {said.client_id}: behind {later.client_id}")
    return faults + _streams_with_gaps(history) + _takes_out_of_order(history)


def not_arrived(history: History) -> list[str]:
    """Every row for a visitor reached the visitor's side."""
    faults = []
    heard = {(one.conversation, one.number): one.text for one in history.heard}
    for row in Message.objects.exclude(state="").select_related("conversation"):
        conversation = row.conversation
        if conversation.channel == "web":
            if heard.get((conversation.key, row.seq)) != row.text:
                faults.append(f"web {conversation.pk}, {row.seq}: not heard")
        elif row.state not in (Message.State.SENT, Message.State.DELIVERED):
            faults.append(f"{conversation.channel} {conversation.pk}, {row.seq}: {row.state}")
        elif not row.parts.exists():
            faults.append(f"{conversation.channel} {conversation.pk}, {row.seq}: sent, and no part is")
    taken = {(one.channel, one.provider_id) for one in history.taken}
    for part in _parts():
        channel = part.message.conversation.channel
        # Where the answer was lost, its receipt may have told of it: then we do not know its name.
        told = part.delivered_at and not part.provider_id
        if part.sent_at and not told and (channel, part.provider_id) not in taken:
            faults.append(f"{channel} part {part.pk}: the provider has it not")
    return faults


def doubles(history: History) -> list[Taken]:
    """Return what providers took and we did not learn of, so that it was sent again."""
    known = {(part.message.conversation.channel, part.provider_id) for part in _parts()}
    return [one for one in history.taken if (one.channel, one.provider_id) not in known]


def doubled_without_reason(history: History) -> list[str]:
    """A second time is only where the first one's answer was lost: by a fault of the provider, or by a crash."""
    faults = []
    for one in doubles(history):
        crashed = any(
            fault.target in ("rasa", "database") and fault.at - _WINDOW <= one.at <= fault.until + _WINDOW
            for fault in history.struck
        )
        if one.said and not crashed:
            faults.append(f"{one.channel} {one.provider_id}: taken at {one.at:.1f} s, and sent again")
    return faults


def without_crisis_text(history: History) -> list[str]:
    """Every imminent message is seen as that, and has crisis text; unless whoever holds the case knew of it."""
    faults = []
    for said in _accepted(history):
        for row in _rows(said) if said.grave else []:
            if row.level < Level.IMMINENT:
                faults.append(f"{said.channel} {said.client_id}: seen as {Level(row.level).label}")
            elif not row.replies.filter(ordinal=Place.CRISIS).exists() and not _held(row):
                faults.append(f"{said.channel} {said.client_id}: no crisis text")
            if not Case.objects.filter(conversation_id=row.conversation_id).exists():
                faults.append(f"{said.channel} {said.client_id}: no case")
    return faults


def crisis_seconds(history: History) -> list[float]:
    """Return for each imminent message how long after it was accepted crisis text was there for the visitor."""
    heard = {(one.conversation, one.number): one.at for one in history.heard}
    taken = {(one.channel, one.provider_id): one.at for one in history.taken}
    found = []
    for said in _accepted(history):
        for row in _rows(said) if said.grave else []:
            for reply in row.replies.filter(ordinal=Place.CRISIS):
                first = reply.parts.order_by("number").first()
                at = (
                    heard.get((said.conversation, reply.seq))
                    if said.channel == "web"
                    else first and taken.get((said.channel, first.provider_id))
                )
                if at and said.accepted is not None:
                    found.append(max(at - said.accepted, 0.0))
    return found


def not_paged(history: History, groups: int) -> list[str]:
    """Every imminent case that nobody took was paged to each group."""
    paged = {(one.case, one.group) for one in history.paged}
    faults = []
    for case in Case.objects.filter(level=Level.IMMINENT, state=Case.State.WAITING):
        missing = [group for group in range(1, groups + 1) if (case.pk, group) not in paged]
        faults += [f"case {case.pk}: group {group} was not paged" for group in missing]
    return faults


def _accepted(history: History) -> Iterable[Said]:
    return [said for said in history.said if said.accepted is not None]


def _rows(said: Said) -> list[Message]:
    return list(Message.objects.filter(conversation__key=said.conversation, client_id=said.client_id))


def _dialogue(kind: str) -> QuerySet[DialogueEvent]:
    return DialogueEvent.objects.filter(kind=kind)


def _parts() -> QuerySet[Part]:
    return Part.objects.select_related("message__conversation")


def _held(row: Message) -> bool:
    """Tell whether a person held the conversation at any time while the message was in work."""
    ended: datetime = row.processed_at or row.at + timedelta(days=1)
    for case in Case.objects.filter(conversation_id=row.conversation_id, claimed_at__lte=ended):
        if case.ended_at is None or case.ended_at >= row.at:
            return True
    return False


def _streams_with_gaps(history: History) -> list[str]:
    """A stream gives the numbers that follow the one that it was opened from, each once."""
    faults = []
    streams: dict[tuple[str, int], list[int]] = defaultdict(list)
    opened: dict[tuple[str, int], int] = {}
    for one in history.heard:
        streams[one.conversation, one.connection].append(one.number)
        opened[one.conversation, one.connection] = one.after
    for key, numbers in streams.items():
        if numbers != list(range(opened[key] + 1, opened[key] + 1 + len(numbers))):
            faults.append(f"a stream of the website gave {numbers} after {opened[key]}")
    return faults


def _takes_out_of_order(history: History) -> list[str]:
    """A provider is given each conversation's parts in their order."""
    place = {(one.channel, one.provider_id): number for number, one in enumerate(history.taken)}
    faults = []
    last: dict[int, tuple[int, Part]] = {}
    for part in _parts().order_by("message__conversation_id", "message__seq", "number"):
        conversation: Conversation = part.message.conversation
        number = place.get((conversation.channel, part.provider_id))
        if number is None:
            continue
        if conversation.pk in last and number < last[conversation.pk][0]:
            faults.append(f"{conversation.channel} part {part.pk}: before part {last[conversation.pk][1].pk}")
        last[conversation.pk] = number, part
    return faults
