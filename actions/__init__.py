"""Custom actions, one a file; the action server finds them here."""
