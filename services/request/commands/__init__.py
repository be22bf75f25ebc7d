"""What the request service can be told to do, one module per thing it changes."""
