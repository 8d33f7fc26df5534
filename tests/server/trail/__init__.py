"""Tests of the audit trail as it is read."""
