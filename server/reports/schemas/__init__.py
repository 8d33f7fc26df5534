"""The wire of reports: one module for each kind of thing."""
