"""Publicity (一公开): what of a released result is public, where it was sent, and what became of it."""
