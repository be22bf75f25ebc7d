"""Pure rules and values that more than one service needs."""
