"""What Rasa works out anew for each message, worked out once."""

from __future__ import annotations

import gc
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from jsonschema.validators import validator_for  # comes with Rasa
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event

_kind_of_event = cache(Event.resolve_by_type)


class InOrder(DaskGraphRunner):
    """Runs Rasa's graph of components one after the other: the same nodes, the same results.

    Rasa has Dask find their order anew, and writes out message and tracker for a debug line that nobody reads: once
    when a message is understood, and again for each action.
    """

    def __init__(self, runner: DaskGraphRunner) -> None:
        self.__dict__.update(vars(runner))
        self._order = cache(self._ordered)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Return what the targets put out, all nodes being given what they need.

        Raises:
            GraphComponentException: a component failed.
            GraphRunError: a node lacks what it needs.
        """
        wanted = targets or self._graph_schema.target_names
        # As nodes put it out: with its name.
        done = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in self._order(tuple(wanted)):
            if name not in done:
                done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        return {name: done[name][1] for name in wanted}

    def _ordered(self, targets: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        """Return the nodes that targets rest on, each after all that it needs, and what that is."""
        schema = self._graph_schema.minimal_graph_schema(list(targets))
        needs = {name: list(node.needs.values()) for name, node in schema.nodes.items()}
        order = TopologicalSorter(needs).static_order()
        return [(name, needs[name]) for name in order if name in needs]


def work_out_once(agent: Agent) -> None:
    """Have an agent that is loaded keep what does not change from message to message."""
    processor = agent.processor
    if processor is None or isinstance(processor.graph_runner, InOrder):
        return
    processor.graph_runner = InOrder(processor.graph_runner)
    # Rasa compares the whole domain with an empty one each time it has understood a message.
    empty = processor.domain.is_empty()
    processor.domain.is_empty = lambda: empty
    # And checks its own schema of what an action answers before each answer, which holds up all others for longer than
    # the rest of a turn takes.
    schema = RemoteAction.action_response_format_spec()
    answer = validator_for(schema)(schema)
    RemoteAction._validate_action_result = lambda _, result: answer.validate(result)  # noqa: SLF001
    # And looks through all kinds of events for each one that it reads.
    Event.resolve_by_type = staticmethod(_kind_of_event)
    # What is loaded by now stays: nobody is to wait while Python looks through half a million objects for waste.
    gc.collect()
    gc.freeze()
