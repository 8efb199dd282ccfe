"""Consumers of proxy sessions, each in a right and a wrong version; `benchmarks/consumers.py` imports them too."""
