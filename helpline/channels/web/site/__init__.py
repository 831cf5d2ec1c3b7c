"""The example site around the widget: its words are data, its numbers the country's, its facts the settings'."""
