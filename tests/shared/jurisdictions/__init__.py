"""Tests of the countries' rule packs and of what loads them."""
