"""Tasks and the records that inspectors bring back from them, revision by revision."""
