"""Base maps for phones: packs that the bureau put into a folder, and whose key an online layer goes by."""
