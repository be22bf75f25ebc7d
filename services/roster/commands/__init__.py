"""What people, messages and timers may ask of the roster."""
