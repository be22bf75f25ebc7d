"""What every service stands on: one path for commands, messages, time and errors."""
