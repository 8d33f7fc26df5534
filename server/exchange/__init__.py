"""Phones over the wire: what is new for them, and what they bring."""
