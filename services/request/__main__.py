"""Starts the request service: `python -m services.request api|worker|migrate`."""

from services.request.service import SERVICE
from shared.service import main

main(SERVICE)
