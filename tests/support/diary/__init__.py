"""Two small but real services of the tests' own: a diary in which lines are written, and a reader who hears of each."""
