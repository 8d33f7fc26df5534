"""The audit trail as people read it: who did what to what, in words, within a jurisdiction; and one thing's whole life."""
