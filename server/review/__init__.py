"""Review (审核): what a supervisor decides about a record, and what there is to decide on."""
