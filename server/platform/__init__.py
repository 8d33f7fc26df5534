"""The provincial platform (省级监管平台): drawn tasks come in, released results go out, each exactly once."""
