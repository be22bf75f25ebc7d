"""Checks on the shape of the project: what runs where, who may know whom."""
