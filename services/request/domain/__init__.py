"""Families, what they ask for and what became of it: pure rules, no I/O, no clock."""
