"""Contract coverage: the part of a contract that a test suite has met."""
