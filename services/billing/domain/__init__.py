"""What billing decides, without I/O, clock or framework."""
