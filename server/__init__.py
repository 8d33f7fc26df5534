"""The application: rooms along an inspection's life, composed by `app`, `worker` and `cli`."""
