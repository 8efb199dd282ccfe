"""Contracts from elsewhere: one file a source, each the only importer of its library."""
