"""Measure the assistant beside Rasa's own, and its encoder beside other engines; see docs/benchmarks.md."""
