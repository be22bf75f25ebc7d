"""Pages for dispatchers, carers, clerks and families, over the five services' HTTP APIs; it decides nothing."""
