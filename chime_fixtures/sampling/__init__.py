"""Sample files: read with care, written whole or not at all."""
