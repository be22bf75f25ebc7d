"""`python -m services.matching api|worker|migrate|dead-letters`."""

from services.matching.service import SERVICE
from shared.service import main

main(SERVICE)
