"""`python -m services.billing api|worker|migrate|dead-letters`."""

from services.billing.service import SERVICE
from shared.service import main

main(SERVICE)
