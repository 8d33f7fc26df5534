"""The wire of review: one module for each kind of thing."""
