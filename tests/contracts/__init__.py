"""The events as they are on the wire: a golden file for each, so that a change of a contract is a reviewed change of a file."""
