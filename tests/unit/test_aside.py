"""A tenth of all labelled texts is set aside, the same one everywhere."""

from __future__ import annotations

from helpline.embeddings.aside import PARTS, part, set_aside

TEXTS = [f"message {number}" for number in range(2000)]


def test_a_text_is_always_in_the_same_part() -> None:
    """Whatever machine asks: the adapter that is shipped was taught by this rule."""
    assert [part(text) for text in ("what is tolerance", "he wont wake up", "", "é")] == [6, 8, 9, 8]


def test_the_parts_are_of_about_the_same_size() -> None:
    counts = [sum(part(text) == number for text in TEXTS) for number in range(PARTS)]
    assert sum(counts) == len(TEXTS)
    assert min(counts) > len(TEXTS) / PARTS * 0.8


def test_what_is_set_aside_is_one_whole_part() -> None:
    aside = set_aside(TEXTS)
    assert {part(text) for text, is_aside in zip(TEXTS, aside, strict=True) if is_aside} == {0}
    assert {part(text) for text, is_aside in zip(TEXTS, aside, strict=True) if not is_aside} == set(range(1, PARTS))
