"""Who may come and who comes first: pure rules, no clock, no database."""
