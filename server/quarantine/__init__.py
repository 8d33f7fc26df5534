"""The quarantine desk: what phones sent that is no part of a record, and what a supervisor does about it."""
