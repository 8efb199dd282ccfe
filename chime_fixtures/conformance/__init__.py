"""Conformance checks: requests to a server that claims to be Chime, and a verdict on each response."""
