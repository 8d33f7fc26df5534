"""Questions of the machine (疑问) about media, positions, clocks and devices: asked of the reviewer, never verdicts.

`gathering` reads what is known of a record, `photos`, `places`, `times`, `devices` and `visits` are rules over it, `asking` puts what they
found into questions with the answers given so far. Nothing is stored but the answers (docs/decisions/0022).
"""
