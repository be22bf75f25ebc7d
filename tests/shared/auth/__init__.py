"""Tokens and desks, proved."""
