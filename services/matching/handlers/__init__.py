"""One function per command, one file per thing it changes."""
