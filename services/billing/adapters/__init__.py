"""What billing shows outside: the invoice as a PDF with its payment code, and the defaults shipped as data."""
