"""The HTTP edge, proved."""
