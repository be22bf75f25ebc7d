"""A small desk in Flanders: another currency, language, zone and rule pack from the first day."""

import random
from datetime import time

from infra.local.town.people import (
    WORK_DAYS,
    Ground,
    Habit,
    Town,
    TownCarer,
    TownFamily,
    TownTariff,
    child,
    hours,
    need,
    town_id,
)
from shared.domain.travel import TransportMode

SLUG = "turnhout"
GROUND = Ground(
    slug=SLUG,
    zone="Europe/Brussels",
    areas=(
        ("Centrum", 51.3226, 4.9445),
        ("Zevendonk", 51.2930, 4.9560),
        ("Schorvoort", 51.3150, 4.9300),
        ("Parkwijk", 51.3300, 4.9600),
    ),
    streets=("Reigerspad", "Vlierhof", "Zonnedauwlaan", "Oude Weverij", "Klokkenveld"),
)
PAPERS = ("good_conduct", "paediatric_first_aid", "kind_en_gezin")


def town(seed: int = 11) -> Town:
    """Six carers and six families."""
    dice = random.Random(seed)
    names = (
        ("Greet", "Aerts"),
        ("Lien", "Claes"),
        ("Mia", "Diels"),
        ("Nele", "Geerts"),
        ("Rita", "Mols"),
        ("Els", "Wouters"),
    )
    carers = tuple(
        TownCarer(
            carer_id=town_id(SLUG, "carer", first),
            first_name=first,
            last_name=last,
            modes=("carer_home", "family_home") if number % 2 else ("family_home",),
            home=GROUND.spot(dice, f"carer-{first}"),
            languages=("nl", "fr") if number % 3 == 0 else ("nl",),
            transport=TransportMode.BIKE if number % 2 else TransportMode.CAR,
            max_distance_km=8,
            skills=(),
            opt_ins=("nights", "weekends", "occasional", "sick_child"),
            credentials=PAPERS,
            own_children_born=(),
            weekly=hours((0, 1, 2, 3, 4, 5, 6), "00:00", "00:00") if number < 3 else hours(WORK_DAYS, "06:00", "20:00"),
            habit=Habit(says_yes=0.85, answers_after_minutes=8),
        )
        for number, (first, last) in enumerate(names)
    )
    known = {carer.first_name: carer.carer_id for carer in carers}

    def family(name: str, children: tuple[tuple[str, str], ...], *needs: object, likes: str = "") -> TownFamily:
        return TownFamily(
            family_id=town_id(SLUG, "family", name),
            name=name,
            language="nl",
            home=GROUND.spot(dice, f"family-{name}"),
            children=tuple(child(SLUG, name, first, born) for first, born in children),
            needs=needs,  # type: ignore[arg-type]
            favourite_carer_ids=(known[likes],) if likes else (),
        )

    return Town(
        desk_id=town_id(SLUG, "desk"),
        slug=SLUG,
        desk_name="Lokaal Loket Turnhout",
        country="be_vl",
        currency="EUR",
        languages=("nl", "fr"),
        zone="Europe/Brussels",
        tariffs=(
            TownTariff(mode="family_home", family_minor=1780, carer_minor=1490),
            TownTariff(mode="carer_home", family_minor=740, carer_minor=620),
        ),
        carers=carers,
        families=(
            family("Samira Benali", (("Youssef", "2020-05-05"), ("Hiba", "2024-02-17")), need((0, 1), "08:15", "12:30")),
            family("Malika Peeters", (("Noa", "2023-08-01"),), need((1, 3), "17:00", "20:30"), likes="Greet"),
            family("Van Hout", (("Lotte", "2022-10-10"),), need((2, 4), "21:00", "07:00", reason="night shift")),
            family("Janssens", (("Wout", "2021-01-19"), ("Fien", "2025-06-30")), need(WORK_DAYS, "06:30", "08:30")),
            family("Yilmaz", (("Elif", "2024-09-09"),), need((2,), "09:00", "12:00", once=True, reason="interview")),
            family("De Backer", (("Stan", "2023-03-13"),),
                   need(3, "07:45", "13:00", urgency="sick_child", once=True, asked_day=3, asked_at=time(6, 40))),
        ),
    )  # fmt: skip
