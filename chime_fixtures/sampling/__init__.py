"""Sample files: records of any contract, read strictly and written atomically."""
