"""What is under way, by where it stands: the board of deadlines, and the map of what was visited. It owns no tables."""
