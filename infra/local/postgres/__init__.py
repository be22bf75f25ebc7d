"""PostgreSQL for one machine: which binaries, which folder, which account, and what every service gets in it."""
