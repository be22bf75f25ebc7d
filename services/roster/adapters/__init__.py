"""What the roster reads from outside its database: the choices a desk begins with, and countries' rules."""
