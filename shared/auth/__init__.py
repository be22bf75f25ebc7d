"""Who is calling: tokens verified offline, roles as types."""
