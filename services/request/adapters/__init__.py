"""The request service stands on nothing outside its database and the bus."""
