"""Tests of what carries the services."""
