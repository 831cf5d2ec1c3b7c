"""What is worked out once gives what Rasa's own way gives."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet

from helpline.intake.once import InOrder, work_out_once


class Adds(GraphComponent):
    """Adds a number of its own to what it is given, and counts its runs."""

    runs = 0

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Adds:
        """Make one with the number of its configuration."""
        return cls(config["number"])

    def total(self, one: int, other: int = 0) -> int:
        """Return the sum."""
        Adds.runs += 1
        return one + other + self.number


def node(number: int, **needs: str) -> SchemaNode:
    """Return a node that adds a number to what two others put out."""
    return SchemaNode(needs, Adds, "create", "total", {"number": number}, eager=True)


@pytest.fixture
def runner(tmp_path: Any) -> DaskGraphRunner:
    """A graph whose nodes stand in another order than they run: two that share one, and one beside them."""
    nodes = {
        "last": node(1000, one="left", other="right"),
        "left": node(100, one="first"),
        "right": node(10, one="first"),
        "first": node(1, one="given"),
        "beside": node(5, one="given"),
    }
    schema = GraphSchema(nodes)
    return DaskGraphRunner.create(schema, LocalModelStorage(tmp_path), ExecutionContext(schema, "model"))


@pytest.mark.parametrize("targets", [["last"], ["left", "right"], ["beside"], ["last", "beside", "first"]])
def test_results_are_those_of_dask(runner: DaskGraphRunner, targets: list[str]) -> None:
    in_order = InOrder(runner)
    for given in (7, 8, 7):
        assert in_order.run({"given": given}, targets) == runner.run({"given": given}, targets)


def test_each_node_runs_once_and_only_where_it_is_needed(runner: DaskGraphRunner) -> None:
    Adds.runs = 0
    assert InOrder(runner).run({"given": 0}, ["last"]) == {"last": 1112}
    assert Adds.runs == 4


def test_what_is_given_stands_for_the_node_of_that_name(runner: DaskGraphRunner) -> None:
    assert InOrder(runner).run({"first": 0}, ["left"]) == {"left": 100}


def test_a_lack_is_told(runner: DaskGraphRunner) -> None:
    with pytest.raises(GraphRunError, match="Expected input 'given'"):
        InOrder(runner).run({}, ["last"])


def test_an_agent_is_changed_once(runner: DaskGraphRunner) -> None:
    class Processor:
        graph_runner = runner
        domain = Domain.from_dict({"intents": ["greet"], "version": "3.1"})

    agent = Agent()
    work_out_once(agent)
    agent.processor = Processor()
    for _ in range(2):
        work_out_once(agent)
    assert isinstance(agent.processor.graph_runner, InOrder)
    assert agent.processor.graph_runner.run({"given": 0}, ["first"]) == {"first": 1}
    assert agent.processor.domain.is_empty() is False
    assert gc.get_freeze_count() > 0
    gc.unfreeze()
    before = Event.resolve_by_type("slot"), Event.resolve_by_type("bot")
    assert before == (SlotSet, BotUttered)
    with pytest.raises(ValueError, match="Unknown event name"):
        Event.resolve_by_type("nothing of the kind")
