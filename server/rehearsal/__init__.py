"""A day in the field, played against a running server over HTTP: the demo of the main job without a phone.

It knows the server only by its wire (docs/protocol.md): `sync` and `forms` are what any client shares.
"""
