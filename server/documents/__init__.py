"""Statutory documents (执法文书): read from what the house knows, drafted, issued under a number, bound into a case file."""
