"""Scores on labelled messages: how well danger, topics and small talk are recognised."""
