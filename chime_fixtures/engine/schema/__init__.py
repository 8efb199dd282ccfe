"""JSON Schema documents, dialects, the resolved schema graph, and the outside validators."""
