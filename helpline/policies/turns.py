"""What was done in the turns of a conversation, as its tracker tells it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

#: The tracker store keeps here, on the tracker itself, the responses of the turns that it did not load.
_SAID = "helpline_said"


def remember_said(tracker: DialogueStateTracker, responses: Collection[str]) -> None:
    """Note on a tracker, which begins in the middle, what was said in the whole conversation."""
    setattr(tracker, _SAID, frozenset(responses))


def said_in_all(tracker: DialogueStateTracker) -> frozenset[str]:
    """Return the responses of the whole conversation before this turn, also of turns that the tracker lacks."""
    _, *earlier = [*done_by_turn(tracker)] or [[]]
    noted: frozenset[str] = getattr(tracker, _SAID, frozenset())
    return noted.union(*earlier)


def done_by_turn(tracker: DialogueStateTracker) -> Iterator[list[str]]:
    """Yield the names of the actions after each message of the visitor, the newest turn first.

    The first list is of the turn that is going on. Listening is no action here.
    """
    done: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            yield done[::-1]
            done = []
        elif isinstance(event, ActionExecuted) and event.action_name not in (None, ACTION_LISTEN_NAME):
            done.append(str(event.action_name))


def done_this_turn(tracker: DialogueStateTracker) -> list[str]:
    """Return the names of the actions since the visitor last spoke."""
    return next(done_by_turn(tracker), [])


def next_of(plan: Sequence[str], done: Sequence[str]) -> str:
    """Return the first step of a plan that is not done yet; listening once all are."""
    return next((step for step in plan if step not in done), ACTION_LISTEN_NAME)
