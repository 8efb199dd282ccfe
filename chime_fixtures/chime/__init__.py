"""Amazon Chime as data: bundled documents, contracts by name, operations, representations, telephone numbers."""
