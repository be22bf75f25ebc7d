"""Who owes what: tariffs, charges, shared-care split, ledger, invoices and payouts."""
