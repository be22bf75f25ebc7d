"""Desks, accounts and the words of messages: pure."""
