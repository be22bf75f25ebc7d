"""The roster's own rules: pure, without clock, database or framework."""
