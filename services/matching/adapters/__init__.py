"""What lies outside matching's own rules: here, the choices a desk begins with, kept as data."""
