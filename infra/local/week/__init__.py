"""A week of a town at speed: its people call, answer, fall ill, come and go; the clock is moved from event to event."""
