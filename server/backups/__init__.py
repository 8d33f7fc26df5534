"""Second copies: backups and restores, and how far a copy elsewhere is known to reach.

`making` takes a backup, `restoring` brings one back, `keeping` is what the worker does by itself, `following` asks
PostgreSQL how far its standby or its archive has come. What is in a backup is in docs/restore.md.
"""
