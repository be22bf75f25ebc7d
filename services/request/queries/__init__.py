"""What can be asked of the request service, read straight from its tables, one module per aggregate."""
