"""From what an author writes to an XForm, and what keeps it from being published.

Sheets are read (`sheets`), rows of ours expanded (`expanding`), compiled by pyxform (`xlsform`) and examined for
what nobody should publish (`linting`). Every mistake is told at the author's own row and column.
"""
