"""The project is run by its own pytest, in its own environment, never by ours."""

collect_ignore = ["project"]
