"""A small desk in France, where a childminder may have four children and a night nurse lives round the corner."""

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

SLUG = "boulogne"
GROUND = Ground(
    slug=SLUG,
    zone="Europe/Paris",
    areas=(
        ("Saint-Martin", 50.7290, 1.6370),
        ("Haute-Ville", 50.7255, 1.6145),
        ("Ostrohove", 50.7160, 1.6280),
        ("Chemin Vert", 50.7350, 1.6000),
    ),
    streets=("Allée des Sternes", "Rue du Vieux Filet", "Sente des Dunes", "Rue des Chardons Bleus"),
)
PAPERS = ("good_conduct", "paediatric_first_aid", "agrement")


def town(seed: int = 13) -> Town:
    """Five carers and five families."""
    dice = random.Random(seed)
    names = (
        ("Amélie", "Caron"),
        ("Brigitte", "Delattre"),
        ("Chantal", "Leclercq"),
        ("Denise", "Fourny"),
        ("Odile", "Wacogne"),
    )
    carers = tuple(
        TownCarer(
            carer_id=town_id(SLUG, "carer", first),
            first_name=first,
            last_name=last,
            modes=("carer_home", "family_home") if number < 3 else ("family_home",),
            home=GROUND.spot(dice, f"carer-{first}"),
            languages=("fr",),
            transport=TransportMode.CAR,
            max_distance_km=10,
            skills=(),
            opt_ins=("nights", "weekends", "occasional", "sick_child"),
            credentials=PAPERS,
            own_children_born=(),
            weekly=hours((0, 1, 2, 3, 4, 5, 6), "00:00", "00:00")
            if number != 1
            else hours(WORK_DAYS, "06:00", "22:00"),
            habit=Habit(says_yes=0.8, answers_after_minutes=10),
        )
        for number, (first, last) in enumerate(names)
    )

    def family(name: str, children: tuple[tuple[str, str], ...], *needs: object) -> TownFamily:
        return TownFamily(
            family_id=town_id(SLUG, "family", name),
            name=name,
            language="fr",
            home=GROUND.spot(dice, f"family-{name}"),
            children=tuple(child(SLUG, name, first, born) for first, born in children),
            needs=needs,  # type: ignore[arg-type]
            favourite_carer_ids=(carers[0].carer_id,),
        )

    return Town(
        desk_id=town_id(SLUG, "desk"),
        slug=SLUG,
        desk_name="Relais Petite Enfance de Saint-Martin-Boulogne",
        country="fr",
        currency="EUR",
        languages=("fr",),
        zone="Europe/Paris",
        tariffs=(
            TownTariff(mode="family_home", family_minor=1690, carer_minor=1420),
            TownTariff(mode="carer_home", family_minor=560, carer_minor=470),
        ),
        carers=carers,
        families=(
            family("Caillau", (("Loïc", "2024-04-03"),), need(WORK_DAYS, "17:30", "21:45", every_weeks=2)),
            family("Devos", (("Emma", "2025-02-02"),), need((0, 2), "08:00", "17:00", mode="carer_home")),
            family("Lefebvre", (("Hugo", "2021-09-21"), ("Lina", "2023-07-04")), need((4,), "20:00", "07:00")),
            family("Marquant", (("Tom", "2022-12-12"),), need((1, 4), "06:00", "08:30")),
            family("Sailly", (("Zoé", "2024-11-11"),),
                   need(2, "08:30", "12:00", urgency="sick_child", once=True, asked_day=2, asked_at=time(6, 30))),
        ),
    )  # fmt: skip
