"""A few intents with a few examples each, for tests of what is learned from them."""

from __future__ import annotations

#: Intents and examples enough to learn from in a moment.
SAID = {
    "greet": ["hello", "hi there", "good morning", "hey", "good evening to you"],
    "out_of_scope_legal": [
        "can i go to prison for this",
        "do i need a lawyer",
        "what does the law say about it",
        "will the police be told",
        "is it legal to have it at home",
    ],
    "out_of_scope_other": [
        "what is the weather like",
        "who won the match",
        "tell me a recipe for soup",
        "how do i fix my car",
        "what is the capital of spain",
    ],
    "relapse_rate": [
        "how many people relapse",
        "what is the relapse rate",
        "how common is a relapse",
        "what share of people relapse",
        "how many of them relapse in a year",
    ],
    "tolerance": [
        "what is tolerance",
        "why do people need more of a drug over time",
        "how does tolerance build up",
        "what does tolerance mean",
        "why does the same dose stop working",
    ],
}
