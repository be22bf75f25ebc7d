"""What several bodies and answers have in common."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.http.schema import Out, Text

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Codes = Annotated[tuple[Text, ...], Field(max_length=50)]
# A stretch of up to some ninety days in minutes.
Amount = Annotated[int, Field(ge=0, le=200_000)]


class PlaceOut(Out):
    place_id: UUID
    latitude: float
    longitude: float
    area: str
    zone: str | None = None
    address: str | None = None
