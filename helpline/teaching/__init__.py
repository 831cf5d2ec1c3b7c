"""Teach the encoder our labelled messages, once in a while; `helpline teach` writes the adapter that is shipped."""
