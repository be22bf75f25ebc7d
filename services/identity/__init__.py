"""Who someone is and how to reach them: desks, accounts, sign-in, tokens and their keys, messages to people."""
