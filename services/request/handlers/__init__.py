"""What each command of the request service does, one module per aggregate."""
