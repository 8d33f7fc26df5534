"""Following a form's rules: compiled once (`rules`), settled for an instance (`settling`), judged (`examining`)."""
