"""The answers of an instance as data: a typed tree, flat rows, keys of rows, differences between revisions."""
