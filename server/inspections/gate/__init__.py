"""The legality gate (合法性核对): what the law asks of a visit, judged before it opens and when its record comes.

`rules.json` is the one table of rules, modes and law texts, the phone's gate is built from it too. `visit` is what is known of a
visit, `people`, `papers` and `entries` find the outcome of each rule, `checks` puts them together, `facts` and `asked` read
them out of the house, `written` out of a record. `telling` tells phones and the office, `entering` takes what people say of a task,
`arriving` judges records that came.
"""
