"""The path of one care request through the whole system, over HTTP, on one process and on many."""
