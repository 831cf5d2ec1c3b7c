"""The patterns of mentions are read whole or refused with the place; Rasa gets mentions as its entities."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from helpline.datafiles import DataError
from helpline.nlu.extractor import MentionExtractor
from helpline.nlu.mentions import FILE, Mentions
from helpline.paths import DATA

WHOLE = {"substance": "{heroin: [smack]}", "time_since_use": "['# days clean']", "about": "{self: [me], other: [him]}"}


def test_no_pattern_loses_its_end_to_a_comment() -> None:
    """YAML takes ` #` for one, unless the pattern stands in quotes."""
    for path in (FILE, DATA / "risk" / "certain.yml", DATA / "risk" / "context.yml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if re.match(r"""\s*- [^"'].* #""", line)] == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"substance": "{heroin: [smack, (skag]}"}, "substance.heroin[1]: '(skag': a bracket is not closed"),
        ({"substance": "{heroin: smack}"}, "substance.heroin must be a list"),
        ({"substance": "[smack]"}, "substance must be a mapping"),
        ({"time_since_use": "['# really?']"}, "time_since_use[0]: '# really?': needs at least one word"),
        ({"time_since_use": "[]"}, "time_since_use must be a list with one pattern or more"),
        ({"about": "{self: [me]}"}, "about: the key 'other' is missing"),
        ({"about": "{self: [me], other: [him], us: [we]}"}, "about: unknown key 'us'"),
        ({"abuot": "{}"}, "unknown key 'abuot'"),
    ],
)
def test_a_broken_file_is_told_with_the_place(changed: dict[str, str], told: str, tmp_path: Path) -> None:
    path = tmp_path / "mentions.yml"
    path.write_text("\n".join(f"{key}: {value}" for key, value in {**WHOLE, **changed}.items()))
    with pytest.raises(DataError) as raised:
        Mentions.load(path)
    assert "mentions.yml: " in str(raised.value)
    assert told in str(raised.value)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """So that the errors above are about what was changed."""
    path = tmp_path / "mentions.yml"
    path.write_text("\n".join(f"{key}: {value}" for key, value in WHOLE.items()))
    assert [one["value"] for one in Mentions.load(path).find("smack, 3 days clean")] == ["heroin", "3 days clean"]


def test_the_component_puts_mentions_beside_what_others_found() -> None:
    """As Rasa's entities, from where they fill slots."""
    earlier = {"entity": "place", "value": "here"}
    messages = [Message({TEXT: "my son uses heroin", ENTITIES: [earlier]}), Message({TEXT: "hi"}), Message({})]
    MentionExtractor().process(messages)
    assert messages[0].get(ENTITIES) == [
        earlier,
        {"entity": "about", "value": "other", "start": 0, "end": 6, "extractor": "MentionExtractor"},
        {"entity": "substance", "value": "heroin", "start": 12, "end": 18, "extractor": "MentionExtractor"},
    ]
    assert messages[1].get(ENTITIES) == messages[2].get(ENTITIES) == []
    assert ENTITIES in messages[0].as_dict(only_output_properties=True)
