"""The legality gate (合法性核对): what the law asks of a visit, judged before it opens and when its record comes.

`rules.json` is the one table of rules, modes and law texts, the phone's gate is built from it too. `visit` is what is known of a
visit, `people`, `papers` and `entries` find the outcome of each rule, `checks` puts them together, `facts` reads them out of the
house, `overrides` lets a person allow what a rule forbids.
"""
