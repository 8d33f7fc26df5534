"""The notary: signed daily roots of the audit log, proofs against them, and time-stamps by an authority."""
