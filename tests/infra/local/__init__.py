"""Tests of the whole system on one machine."""
