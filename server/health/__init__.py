"""How the installation does, for whoever looks at it in the morning; what it is set to; what waits for whom."""
