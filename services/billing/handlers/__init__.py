"""One function per command and per event heard, by aggregate."""
