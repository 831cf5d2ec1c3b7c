"""A visitor asks, and gets the right answer from the article."""

from __future__ import annotations

from tests.servers.visitor import Visitor


def test_the_first_row_says_what_this_is_and_who_reads_it(visitor: Visitor) -> None:
    greeting = visitor.messages[0]
    assert greeting["id"] == 1
    assert greeting["author"] == "bot"
    assert "automated assistant" in greeting["text"]
    assert "911" in greeting["text"]
    assert {"title": "Call 911", "url": "tel:911"} in greeting["buttons"]


def test_a_question_gets_the_figures_of_the_article_with_its_source(visitor: Visitor) -> None:
    answer = visitor.ask("how many people relapse after heroin?")
    assert "90" in answer["text"]
    assert answer["text"].splitlines()[-1].startswith("Source: The Recovery Village")
    assert 2 <= len(answer["buttons"]) <= 3


def test_a_related_question_is_answered_by_a_tap(visitor: Visitor) -> None:
    offered = visitor.ask("how many people relapse after heroin?")["buttons"][0]
    before = visitor.last
    assert visitor.tap(offered["payload"]).status_code == 202
    answer = visitor.wait_for_replies(1, before)[0]
    assert [m["text"] for m in visitor.messages if m["id"] == before + 1] == [offered["title"]]
    assert answer["text"].splitlines()[-1].startswith("Source: The Recovery Village")
