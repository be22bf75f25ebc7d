"""How aggregates are kept in their tables."""

from sqlalchemy.orm import registry, relationship

from services.request.domain.care_request import CareRequest
from services.request.domain.child import Child
from services.request.domain.family import Family
from services.request.domain.family_place import FamilyPlace
from services.request.domain.shared_care import Consent, SharedCare, SharingFrom
from services.request.domain.visit import Visit
from services.request.tables.families import children, families, family_places
from services.request.tables.metadata import METADATA
from services.request.tables.requests import care_requests, visits
from services.request.tables.sharing import shared_care_consents, shared_care_terms, shared_cares

_mapper = registry(metadata=METADATA)
_mapper.map_imperatively(Child, children)
_mapper.map_imperatively(FamilyPlace, family_places)
_mapper.map_imperatively(
    Family,
    families,
    version_id_col=families.c.version,
    version_id_generator=False,
    properties={
        "children": relationship(Child, order_by=children.c.position, cascade="all, delete-orphan", lazy="selectin"),
        "places": relationship(
            FamilyPlace, order_by=family_places.c.place_id, cascade="all, delete-orphan", lazy="selectin"
        ),
    },
)
_mapper.map_imperatively(Visit, visits)
_mapper.map_imperatively(
    CareRequest,
    care_requests,
    version_id_col=care_requests.c.version,
    version_id_generator=False,
    properties={
        "visits": relationship(
            Visit, order_by=(visits.c.starts_at, visits.c.visit_id), cascade="all, delete-orphan", lazy="selectin"
        )
    },
)
_mapper.map_imperatively(Consent, shared_care_consents)
_mapper.map_imperatively(SharingFrom, shared_care_terms)
_mapper.map_imperatively(
    SharedCare,
    shared_cares,
    version_id_col=shared_cares.c.version,
    version_id_generator=False,
    properties={
        "consents": relationship(
            Consent, order_by=shared_care_consents.c.family_id, cascade="all, delete-orphan", lazy="selectin"
        ),
        "dated_terms": relationship(
            SharingFrom, order_by=shared_care_terms.c.valid_from, cascade="all, delete-orphan", lazy="selectin"
        ),
    },
)
