"""The project is run by the pytest of its own environment, not by this one."""

collect_ignore = ["project"]
