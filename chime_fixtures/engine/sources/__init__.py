"""Contracts from other sources: one file for each source, which alone imports its library."""
