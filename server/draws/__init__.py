"""Draws (抽取): who is visited and by whom, drawn here before everybody's eyes or delivered by a platform."""
