"""Values, labelled violations and edges of any JSON Schema. It imports nothing from the rest of the package."""
