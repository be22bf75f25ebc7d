"""The roster's tables: its own carers and visits, and copies of what identity, request, matching and billing own."""
