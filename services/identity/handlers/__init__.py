"""One function per command, by aggregate."""
