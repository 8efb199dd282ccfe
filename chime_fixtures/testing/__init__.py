"""What a test run reports and saves."""
