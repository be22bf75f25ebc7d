"""Matching decides who is offered what: eligibility, ranking with reasons, waves, and the one winner."""
