"""The pages, one module for each thing people do; they read and act through the services' APIs only."""
