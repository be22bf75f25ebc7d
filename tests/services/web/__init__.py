"""The pages: over stubbed services, without a browser."""
