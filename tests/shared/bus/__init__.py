"""How messages travel, proved on both buses."""
