"""The projects that tests install keep their own tests, which run where they are installed."""

collect_ignore = ["example_connector", "broken_connector"]
