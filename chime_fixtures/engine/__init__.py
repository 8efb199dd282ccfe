"""Any JSON Schema to values, labelled violations and edges. Imports nothing of the rest of the package."""
