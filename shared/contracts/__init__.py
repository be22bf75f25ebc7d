"""Every event, declared once by the service that says it."""
