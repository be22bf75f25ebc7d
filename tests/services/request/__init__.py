"""Tests of the request service."""
