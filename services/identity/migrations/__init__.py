"""The migrations of the identity database."""
