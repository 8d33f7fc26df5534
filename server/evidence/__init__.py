"""Evidence: photos, recordings and signatures; how they arrive, what they belong to, who may see them."""
