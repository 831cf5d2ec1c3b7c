"""How far the encoder's values go is known for the encoder that is shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from helpline.embeddings import adapter, arrays, graph, reach, weights

TEXTS = [
    "what is tolerance",
    "my friend isnt breathing and her lips are blue",
    "told: i relapsed / asked: are you safe now? / now: no",
    "mój brat nie oddycha",
]


def test_it_is_known_of_all_that_linear_layers_are_given() -> None:
    found = reach.read()
    assert list(found) == list(graph.linear_inputs())
    assert {values.shape for values in found.values()} == {(2, 384), (2, 1536)}
    assert all((lowest <= highest).all() for lowest, highest in found.values())


def test_other_texts_hardly_go_further_in_the_shipped_encoder() -> None:
    """Found for another adapter, it would cut values off."""
    tokenizer = Tokenizer.from_file(str(weights.model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    known, found = reach.read(), reach.measured(adapter.applied(load_file(weights.verified_weights())), ids)
    for name, (lowest, highest) in found.items():
        width = np.ptp(known[name], axis=0)
        beyond = np.maximum(known[name][0] - lowest, highest - known[name][1])
        assert (beyond <= 0.2 * width).all(), name
        assert (beyond <= 0).mean() > 0.99, name


def test_it_comes_back_as_it_went(tmp_path: Path) -> None:
    known = {"layer": np.array([[-1.0, 0.0], [2.0, 3.0]], np.float32)}
    arrays.write(known, tmp_path / "reach.npz")
    np.testing.assert_array_equal(reach.read(tmp_path / "reach.npz")["layer"], known["layer"])
    assert list(tmp_path.iterdir()) == [tmp_path / "reach.npz"]
