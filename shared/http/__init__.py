"""The HTTP edge: one way in, one shape of refusal."""
