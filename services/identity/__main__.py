"""`python -m services.identity api|worker|migrate|dead-letters`."""

import sys

from services.identity.service import SERVICE
from services.identity.settings import IdentitySettings
from shared.service import main

if sys.argv[1:2] in (["api"], ["worker"]):
    IdentitySettings().check_secret()
main(SERVICE)
