"""What Vesper promises, by the place it is promised in."""
