"""Draws (抽取): which objects are visited and by whom, as published; locked ones came from a platform."""
