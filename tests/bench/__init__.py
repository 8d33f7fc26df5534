"""Measures push and pull against real server processes; ratios within one run, JSON out."""
