"""Who sees what: the server's rules against an oracle that knows nothing of how they are written."""
