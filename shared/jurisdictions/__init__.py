"""What each country asks of carers, dated and sourced, and what loads it."""
