"""Bound a turn's call to the action server in time, so that a hanging one cannot hold the conversation."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from django.conf import settings
from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig


class BoundedEndpoint(EndpointConfig):
    """Rasa's endpoint whose requests end in time; Rasa keeps the turn and its events."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Send the request.

        Raises:
            aiohttp.ClientConnectionError: it took longer than `HELPLINE_ACTION_SECONDS`.
        """
        try:
            return await asyncio.wait_for(super().request(*args, **kwargs), settings.HELPLINE_ACTION_SECONDS)
        except asyncio.TimeoutError as error:
            # What Rasa handles as "could not connect": the turn goes on without the action's events.
            raise aiohttp.ClientConnectionError("the action server did not answer in time") from error


def bound_action_calls(agent: Agent) -> None:
    """Replace the agent's action endpoint by one that is bounded in time."""
    stock = agent.action_endpoint
    if stock is None or isinstance(stock, BoundedEndpoint):
        return
    bounded = BoundedEndpoint(stock.url, stock.params, stock.headers, stock.basic_auth, stock.token, stock.token_name)
    agent.action_endpoint = bounded
    if agent.processor:
        agent.processor.action_endpoint = bounded
