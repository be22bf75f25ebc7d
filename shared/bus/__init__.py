"""How messages travel: Apache Kafka on many machines, the outbox itself on one."""
