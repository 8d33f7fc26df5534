"""What changes between two versions of a form, and how an open draft moves along without losing a word."""
