"""What lies outside the database: password hashes, key material, and the ways a message leaves."""
