"""Clauses as nodes and typed branches, from which values are constructed."""
