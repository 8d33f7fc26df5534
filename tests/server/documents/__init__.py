"""Documents of one full visit, read back from their files."""
