"""Tests of infra/kafka."""
