"""Vesper's services: each owns its database and its topic, and imports no other."""
