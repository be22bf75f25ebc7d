"""Tests of the pure rules: at the edges, and against slow references."""
