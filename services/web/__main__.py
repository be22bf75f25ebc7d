"""`python -m services.web api`: the pages as a process of their own."""

from services.web.service import main

main()
