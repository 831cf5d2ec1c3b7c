"""A made-up week, to look around the console: read from `data/demo/`, played out, and written to the database."""
