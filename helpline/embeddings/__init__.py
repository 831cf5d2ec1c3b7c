"""Sentence embeddings, shared by understanding and risk."""
