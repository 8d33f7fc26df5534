"""Complaints and suggestions (投诉、建议) of those who use the application, and the answers they get."""
