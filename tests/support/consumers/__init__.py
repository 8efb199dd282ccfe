"""Consumers of proxy sessions, each in a correct and a faulty version; `benchmarks/consumers.py` imports them too."""
