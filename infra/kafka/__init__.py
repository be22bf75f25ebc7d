"""Apache Kafka: the declared topics, and a real broker for tests where there is no Docker."""
