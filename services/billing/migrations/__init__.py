"""Billing's migrations."""
