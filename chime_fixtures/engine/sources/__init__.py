"""Contracts from other sources: one file for each source, the only importer of its library."""
