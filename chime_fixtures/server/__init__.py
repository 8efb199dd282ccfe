"""ChimeService behind a real port: connections, listener and the administration endpoints."""
