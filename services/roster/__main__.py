"""`python -m services.roster api|worker|migrate|dead-letters`."""

from services.roster.service import SERVICE
from shared.service import main

main(SERVICE)
