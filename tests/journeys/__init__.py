"""One story each, through real processes."""
