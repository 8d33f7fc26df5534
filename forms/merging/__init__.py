"""Versions of one record laid beside each other for a merge, and the instance that a merge comes to.

What is automatic and what clashes is not decided here: `forms` says what the places are at which versions may
differ, and writes down what was chosen for each.
"""
