"""Faults to put into a copy of the checkout, one for each thing that the checks look at."""

from __future__ import annotations

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Seeded:
    """A fault: where it is put, and how the line about it begins and goes on."""

    file: str
    old: str
    new: str
    told: str
    about: str


def seeded(name: str, file: str, old: str, new: str, about: str, told: str = "") -> object:
    """Return a fault by name; ``told`` is the file that the line begins with, where it is another."""
    return pytest.param(Seeded(file, old, new, told or file, about), id=name)


TOLERANCE = "data/responses/topics/tolerance.yml"
RATE = "data/responses/topics/relapse_rate.yml"
DOSING = "data/responses/out_of_scope/medical_dosing.yml"
OVERDOSE = "data/responses/crisis/overdose.yml"
NOBODY_FREE = "data/responses/system/nobody_free.yml"
GREET = "data/nlu/greet.yml"
US = "data/helplines/us.yml"
UNKNOWN = "data/helplines/unknown.yml"
ARTICLE = "data/article/heroin-relapse.yml"
TOPIC_RULES = "data/rules/topics.yml"
HAND_OFF_RULES = "data/rules/hand_off.yml"
SIGNALS = "data/risk/signals.yml"
MENTIONS = "data/mentions/mentions.yml"
CASES = "helpline/conversations/cases.py"
ACTION = "actions/hand_off.py"
PROTOCOL = "data/protocol/protocol.yml"
SITE = "data/site/site.yml"
HOME = "data/site/home.yml"
FIRST_AID = "data/staff/first_aid.yml"
REPLIES = "data/staff/replies.yml"
WEEK = "data/demo/week.yml"
RESPONSES = "data/responses"
SPANISH = "data/responses/es/small_talk.yml"
SPANISH_TITLES = "data/responses/es/language.yml"
SPANISH_OVERDOSE = "data/responses/es/crisis/overdose.yml"
FRENCH = "data/responses/fr.yml"
#: The buttons of an answer out of scope.
STEPS = """    buttons:
    - title: "Talk to a person"
      payload: /request_human
    - title: "Is this medical advice?"
      payload: /medical_disclaimer
"""
#: One text of a response that is said again and again.
SINGLE = "  utter_single:\n  - text: Call {emergency} or {crisis}.\n  utter_nobody_free:"
NO_REVIEWER = ("reviewer: not yet reviewed by a clinician\n", "")

FAULTS = [
    # Other languages.
    seeded(
        "a text that Spanish lacks",
        SPANISH,
        "  utter_thanks:",
        "  utter_thank:",
        "utter_thanks: is not said",
        RESPONSES,
    ),
    seeded(
        "a line that Spanish does not name", SPANISH, "llame {emergency}.", "llame.", "names the lines none", RESPONSES
    ),
    seeded(
        "too long in Spanish", SPANISH_OVERDOSE, "No se vaya.", "No se vaya. " * 20, "are read in danger", RESPONSES
    ),
    seeded("a number in Spanish", SPANISH, "De nada.", "Llame al 911.", "a number stands here", RESPONSES),
    seeded("a title that Spanish lacks", SPANISH_TITLES, "  /affirm:", "  /affirmed:", "/affirm has none", RESPONSES),
    seeded(
        "a placeholder unknown in French", FRENCH, "{crisis}", "{crises}", "unknown placeholder {crises}", RESPONSES
    ),
    seeded("a family without French", FRENCH, "[overdose]", "[medical]", "crisis text for overdose", RESPONSES),
    seeded("an unknown key in French", FRENCH, "titles:", "title:", "unknown key 'title'"),
    seeded("words of an unknown language", "data/languages.yml", "  fr: >-", "  fx: >-", "'fx'"),
    seeded(
        "a word without its number", "data/spelling.txt", "\nnaloxone ", "\nnaloxone-", "must be a word and a number"
    ),
    # Files that cannot be read.
    seeded("broken YAML", GREET, "nlu:", "nlu: [", "line"),
    seeded("a key twice in a file", GREET, "nlu:", "nlu: []\nnlu:", "the key 'nlu' stands twice"),
    seeded("an unknown key in a response", TOLERANCE, "metadata:", "meta:", "unknown key 'meta'"),
    seeded("an unknown key in a signal", SIGNALS, "group: minor", "grp: minor", "unknown key 'grp'"),
    seeded("an unknown key in a line", US, "hours:", "hour:", "unknown key 'hour'"),
    seeded("an unknown level", "data/risk/minor.yml", "level: high", "level: grave", "'grave' is no level"),
    seeded(
        "a broken pattern",
        "data/risk/certain.yml",
        "overdose_now:\n",
        "overdose_now:\n  - (broken\n",
        "bracket is not closed",
    ),
    seeded("a broken mention", MENTIONS, "  heroin:\n", "  heroin:\n  - (broken\n", "bracket is not closed"),
    seeded("an unknown key in mentions", MENTIONS, "  self:", "  me:", "unknown key 'me'"),
    seeded("an example without a dash", GREET, "    - hey\n", "    hey\n", "must begin with a dash"),
    seeded("an unknown key in a fact", ARTICLE, "figures: []", "figure: []", "unknown key 'figure'"),
    # Answers.
    seeded("a figure of no fact", RATE, "90 percent", "95 percent", "the figure 95"),
    seeded("a figure of another topic", TOLERANCE, "used to a drug,", "used to a drug in 90 days,", "the figure 90"),
    seeded(
        "a source that is no section", TOLERANCE, "source: the_heroin_epidemic", "source: the_epidemic", "no section"
    ),
    seeded("a source without the topic", TOLERANCE, "source: the_heroin_epidemic", "source: editor_note", "no fact"),
    seeded("a topic that is no intent", ARTICLE, "topics: [warning_signs]", "topics: [warnings]", "'warnings'"),
    seeded("a response in two files", TOLERANCE, "utter_tolerance:", "utter_greet:", "too", "data/responses/topics"),
    seeded(
        "a response in the domain too",
        "domain.yml",
        "session_config:",
        "responses:\n  utter_greet:\n  - text: Hi\nsession_config:",
        "responses.utter_greet: is defined in domain.yml too",
        "data/responses/small_talk/greet.yml",
    ),
    seeded("a rule's response missing", TOPIC_RULES, "action: utter_tolerance", "action: utter_tol", "'utter_tol'"),
    seeded("a signal's response missing", SIGNALS, "utter_crisis_minor", "utter_crisis_min", "'utter_crisis_min'"),
    seeded("code's response missing", CASES, "utter_human_joined", "utter_joined", "'utter_joined'"),
    seeded("the policy's response missing", "config.yml", "utter_fallback", "utter_fall", "'utter_fall'"),
    seeded(
        "an unused response",
        TOLERANCE,
        "utter_tolerance:",
        "utter_extra:\n  - text: Hi\n  utter_tolerance:",
        "nothing says",
    ),
    seeded(
        "a topic with nothing more",
        TOLERANCE,
        "utter_more_tolerance:",
        "utter_more:",
        "utter_more_tolerance: needs 1 variations",
        "data/responses/topics",
    ),
    seeded(
        "a topic without wordings",
        "data/responses/topics/who_wrote_article.yml",
        "utter_who_wrote_article:",
        "utter_who_wrote:",
        "utter_who_wrote_article: needs 3 variations or more, not 0",
        "data/responses/topics",
    ),
    seeded("a number out of scope", DOSING, "I cannot give amounts", "I cannot give 5 amounts", "must give no number"),
    seeded("a dead end out of scope", DOSING, STEPS, "", "must offer a next step"),
    seeded(
        "a text that is hard to read",
        DOSING,
        "I cannot give amounts or timings:",
        "Administration of pharmaceutical preparations necessitates individualised professional consideration:",
        "reads like school grade",
    ),
    seeded("an unknown placeholder", OVERDOSE, "Call {emergency} now.", "Call {emergncy} now.", "{emergncy}"),
    seeded("a broken placeholder", OVERDOSE, "Call {emergency} now.", "Call {emergency now.", "expected '}'"),
    seeded("an unknown kind of line", OVERDOSE, "lines: [emergency]", "lines: [ambulance]", "'ambulance'"),
    seeded("a button to nowhere", TOLERANCE, "/withdrawal_sickness", "/withdrawal", "names no intent"),
    seeded("a button without a slash", TOLERANCE, "/withdrawal_sickness", "withdrawal_sickness", "names no intent"),
    seeded(
        "two titles of one payload", TOLERANCE, '"Can people recover?"', '"Is there hope?"', "'Is there hope?'", "data/"
    ),
    seeded("a title too long", TOLERANCE, '"What is withdrawal?"', '"What is withdrawal from heroin like?"', "1 to 32"),
    # Crisis texts.
    seeded("crisis text too long", OVERDOSE, "Stay.", "Stay with them " + "and stay " * 12 + ".", "words for unknown"),
    seeded("a number for an unknown country", UNKNOWN, "your local emergency number", "911", "a number stands here"),
    seeded("crisis text not marked", OVERDOSE, "crisis: true", "crisis: false", "would not go first"),
    # Words for who waits.
    seeded(
        "words for who waits too long",
        NOBODY_FREE,
        "Sorry, nobody is free yet.",
        "Sorry, " + "and sorry, " * 12 + "nobody is free yet.",
        "words for unknown",
    ),
    seeded("words for who waits, single", NOBODY_FREE, "  utter_nobody_free:", SINGLE, "needs two variations"),
    seeded("words for who waits without a line", NOBODY_FREE, "call {emergency}.", "call.", "must name {emergency}"),
    seeded("words for who waits without a button", NOBODY_FREE, ", emergency]", "]", "must name {emergency}"),
    # Intents, rules, actions.
    seeded(
        "an intent without a rule", TOPIC_RULES, "- intent: tolerance", "- intent: greet", "'tolerance'", "data/rules"
    ),
    seeded(
        "an intent not in the domain",
        "domain.yml",
        "- tolerance\n",
        "",
        "'tolerance' is missing",
        "data/nlu/",
    ),
    seeded("an intent without examples", "domain.yml", "- tolerance\n", "- tolerance\n- patience\n", "'patience'"),
    seeded("a rule for no intent", TOPIC_RULES, "- intent: tolerance", "- intent: patience", "'patience'"),
    seeded("a rule's action missing", HAND_OFF_RULES, "action_hand_off", "action_hand_over", "'action_hand_over'"),
    seeded(
        "a domain's action missing", "domain.yml", "- action_hand_off", "- action_hand_off\n- action_x", "'action_x'"
    ),
    seeded("an action not in the domain", ACTION, '"action_hand_off"', '"action_x"', "'action_x' is missing"),
    seeded("an action's name computed", ACTION, '"action_hand_off"', '"action_hand_off".lower()', "plain string"),
    # Texts.
    seeded(
        "an example of two intents",
        GREET,
        "    - hey\n",
        "    - hey\n    - WHAT IS TOLERANCE??\n",
        "tolerance",
        "data/nlu/",
    ),
    seeded(
        "an evaluation text in the training",
        "data/evaluation/topics.yml",
        "tolerence meaning?",
        "Why do people need more, and more heroin?",
        "q025",
    ),
    # Crisis lines.
    seeded("a line never verified", US, "verified_on: 2026-11-24", "verified_on: soon", "must be a date"),
    seeded("a line verified long ago", US, "verified_on: 2026-11-24", "verified_on: 2025-11-23", "over 365 days ago"),
    seeded("a line out of reach", US, 'call: "1-800-222-1222"', 'call: ""', "neither 'call' nor 'text'"),
    seeded("no reviewer of lines", US, *NO_REVIEWER, "'reviewer'"),
    seeded("no reviewer of examples", SIGNALS, *NO_REVIEWER, "'reviewer'"),
    seeded("no reviewer of mentions", MENTIONS, *NO_REVIEWER, "'reviewer'"),
    # The site, and the safety protocol on it.
    seeded("an unknown key in the protocol", PROTOCOL, "lead:", "led:", "unknown key 'led'"),
    seeded("an unknown key of the site", SITE, "skip:", "skipped:", "unknown key 'skipped'"),
    seeded("a page that the site does not name", SITE, "    how:", "    hows:", "unknown key 'hows'"),
    seeded(
        "a section without a heading",
        PROTOCOL,
        '  heading: "What answers',
        '  title: "What answers',
        "unknown key 'title'",
    ),
    seeded("a link to no page", HOME, "to: privacy", "to: secrecy", "there is no page 'secrecy'"),
    seeded("an unknown insert", HOME, "insert: hours", "insert: days", "insert must be one of"),
    seeded("a question without an answer", HOME, "What is tolerance?", "What is a drug?", "asks 'What is a drug?'"),
    seeded("no reviewer of the protocol", PROTOCOL, "reviewer: not yet", "reviewer: '' # not yet", "'reviewer'"),
    seeded("no reviewer of a page", HOME, "reviewer: not yet", "reviewer: '' # not yet", "'reviewer'"),
    seeded("a kind of line without words", SITE, "    poison:", "    poisons:", "no words for poison"),
    seeded("a country without a name", SITE, "    AU:", "    NZ:", "no words for AU"),
    seeded("an unknown placeholder in the protocol", PROTOCOL, "{hours}", "{weeks}", "unknown placeholder {weeks}"),
    seeded("a broken placeholder in the protocol", PROTOCOL, "{hours}", "{hours", "expected '}'"),
    seeded("a number on a page", HOME, "call {emergency}.", "call 911.", "a number stands here"),
    seeded(
        "a protocol that is hard to read",
        PROTOCOL,
        "You get an answer, and no one is told.",
        "The assistant communicates informational material without notifying personnel of the organisation whatsoever.",
        "reads like school grade",
    ),
    # What responders have at hand.
    seeded("no reviewer of first aid", FIRST_AID, *NO_REVIEWER, "'reviewer'"),
    seeded("an unknown key in a card", FIRST_AID, "    never:", "    dont:", "groups.overdose: unknown key 'dont'"),
    seeded("a card without steps", FIRST_AID, "    do:", "    do: []\n    never_mind:", "unknown key 'never_mind'"),
    seeded("a card with no question", FIRST_AID, "    ask:\n", "    ask: []\n    x:\n", "unknown key 'x'"),
    seeded("a step that is no text", FIRST_AID, "- Is there naloxone?", "- Is: there", "groups.overdose.ask must be"),
    seeded("a family without a card", FIRST_AID, "  craving:\n", "  minor:\n", "line", FIRST_AID),
    seeded("a card for no family", FIRST_AID, "  craving:\n", "  cravings:\n", "groups.cravings: 'cravings'"),
    seeded("a card for no signal", FIRST_AID, "  post_naloxone:\n", "  naloxone:\n", "signals.naloxone: 'naloxone'"),
    seeded(
        "a card that is too long",
        FIRST_AID,
        "- Ask why they used.",
        "- Ask why they used, " + "and what they used, " * 4 + "or when.",
        "groups.overdose: 105 words; at most 90",
    ),
    seeded(
        "a card that is hard to read",
        FIRST_AID,
        "- Ask why they used.",
        "- Communicate institutional considerations regarding confidentiality, documentation, responsibilities, "
        "administrative necessities, organisational accountability",
        "groups.overdose: reads like school grade",
    ),
    seeded("a number on a card", FIRST_AID, "Ask why they used.", "Call 911.", "groups.overdose: a number stands here"),
    seeded("no reviewer of replies", REPLIES, *NO_REVIEWER, "'reviewer'"),
    seeded(
        "an unknown key in a reply", REPLIES, "signals: [human", "signal: [human", "replies[2]: unknown key 'signal'"
    ),
    seeded(
        "a reply for no signal", REPLIES, "[human_request]", "[human]", "replies[2].signals: unknown signal 'human'"
    ),
    seeded("two replies of one key", REPLIES, "key: hello_asked", "key: hello", "replies[2]: the key 'hello' stands"),
    seeded(
        "a reply with a long title",
        REPLIES,
        '"Hello, I am a person"',
        '"Hello, I am a person who works for this helpline"',
        "opening: hello: the title must have 1 to 40 characters, not 48",
    ),
    seeded(
        "a reply that is too long",
        REPLIES,
        "Take your time; I am reading.",
        "Take your time. " + "I am reading. " * 15,
        "listening: thank_you_for_telling.text: 63 words for unknown; at most 60",
    ),
    seeded(
        "a reply that is hard to read",
        REPLIES,
        "I ask so that I know what matters first.",
        "Communicating circumstances facilitates appropriate prioritisation of interventions.",
        "safety: safe_now.text: reads like school grade",
    ),
    seeded("an unknown line in a reply", REPLIES, "call {emergency} first", "call {police} first", "'en' for {police}"),
    seeded("a broken line in a reply", REPLIES, "call {emergency} first", "call {emergency first", "expected '}'"),
    seeded("a line without words in Spanish", REPLIES, "    crisis:", "    crises:", "no words in 'es' for {crisis}"),
    seeded(
        "a number in a reply", REPLIES, "What is on your mind?", "Or call 988.", "hello_asked.text: a number stands"
    ),
    seeded("a number where none is known", REPLIES, '"número de', '"112 o número de', "without_number.es.emergency: a"),
    seeded(
        "a group that is too large",
        REPLIES,
        "    language: es\n",
        "",
        "opening: has 9 replies in 'en'; 4 to 8",
    ),
    seeded(
        "a group that is too small",
        REPLIES,
        'title: "Hola, soy una persona"\n    language: es',
        "title: Hola",
        "has 3 replies in 'es'",
    ),
    # The made-up week.
    seeded("an unknown key in a made-up talk", WEEK, "  times: 10\n", "  time: 10\n", "unknown key 'time'"),
    seeded(
        "a made-up finding in other words",
        WEEK,
        'words: ["its tonight"',
        'words: ["tomorrow"',
        "'tomorrow' was not said",
    ),
    seeded(
        "a made-up talk that nobody answers",
        WEEK,
        "answers: [utter_greet]",
        "answers: []",
        "only_looking: turns[0]: nothing",
    ),
    seeded(
        "a response that is not there in one",
        WEEK,
        "[utter_greet]",
        "[utter_hello]",
        "only_looking: there is no response",
    ),
    seeded(
        "a line that is not there in one",
        WEEK,
        "or call {crisis}. How",
        "or call {crises}. How",
        "past_his_street: there is no",
    ),
    seeded(
        "a made-up message that is scored on",
        WEEK,
        "is it harder than quitting booze",
        "Can you get hooked from just ONE go?",
        "worse_than_drink: turns[0]",
    ),
]
