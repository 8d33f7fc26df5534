"""The wire of the registry: one module for each kind of thing."""
