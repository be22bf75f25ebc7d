"""The kit's own tables, present in every service's database."""
