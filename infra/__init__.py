"""What the services stand on: brokers, databases and dashboards."""
