"""The reports and files of a test run."""
