"""The wire of draws: one module for each kind of thing."""
