"""Brighton & Hove: 35 at-home carers and childminders (as the council's own service once had), and over 60 families."""

import random
from dataclasses import replace
from datetime import date, time

from infra.local.town.people import (
    ALL_DAYS,
    WORK_DAYS,
    Ground,
    Habit,
    Hours,
    Need,
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

SLUG = "brighton"
GROUND = Ground(
    slug=SLUG,
    zone="Europe/London",
    areas=(
        ("Brunswick", 50.8258, -0.1575),
        ("Hove Central", 50.8300, -0.1680),
        ("Aldrington", 50.8333, -0.1835),
        ("Portslade", 50.8425, -0.2165),
        ("Hangleton", 50.8490, -0.2030),
        ("West Blatchington", 50.8500, -0.1860),
        ("Seven Dials", 50.8320, -0.1445),
        ("North Laine", 50.8262, -0.1393),
        ("Preston Park", 50.8440, -0.1500),
        ("Withdean", 50.8560, -0.1565),
        ("Patcham", 50.8650, -0.1510),
        ("Fiveways", 50.8430, -0.1330),
        ("Hollingdean", 50.8440, -0.1265),
        ("Hanover", 50.8292, -0.1270),
        ("Elm Grove", 50.8325, -0.1185),
        ("Queen's Park", 50.8260, -0.1230),
        ("Kemptown", 50.8190, -0.1190),
        ("Whitehawk", 50.8270, -0.1035),
        ("Moulsecoomb", 50.8470, -0.1110),
        ("Bevendean", 50.8410, -0.0960),
        ("Woodingdean", 50.8390, -0.0755),
        ("Rottingdean", 50.8055, -0.0575),
    ),
    streets=("Fulmar Row", "Chalkpit Rise", "Kittiwake Close", "Samphire Street", "Lantern Lane", "Flintwall Way",
             "Tidewater Road", "Gorse Hill View", "Old Ropewalk", "Beacon Furlong"),
)  # fmt: skip

PAPERS = ("good_conduct", "paediatric_first_aid", "ofsted", "insurance")
_FIRST_NAMES = (
    "Ana", "Beatrice", "Chidi", "Deepa", "Eleni", "Farah", "Grace", "Hannah", "Ines", "Joanna", "Kemi", "Lucia",
    "Marta", "Nadia", "Olive", "Priya", "Ruth", "Sofia", "Tamsin", "Uma", "Vera", "Wendy", "Yasmin", "Zoe",
    "Alistair", "Bola", "Carys", "Dominic", "Esther", "Fiona", "Gabriel", "Helen", "Imogen", "Jude", "Karen",
)  # fmt: skip
_LAST_NAMES = (
    "Ashdown", "Birch", "Cole", "Dyke", "Eastman", "Falmer", "Goring", "Hurst", "Ivey", "Jevington", "Keymer",
    "Lancing", "Marsh", "Newick", "Ovenden", "Pyecombe", "Quill", "Ringmer", "Steyning", "Telscombe", "Upwell",
    "Venn", "Wilmington", "Yapton", "Arlington", "Berwick", "Clayton", "Ditchling", "Ewhurst", "Firle", "Glynde",
    "Hassocks", "Isfield", "Jarvis", "Kingston",
)  # fmt: skip
_CHILD_NAMES = (
    "Ada", "Ben", "Cleo", "Dylan", "Ella", "Finn", "Gwen", "Harry", "Isla", "Jonah", "Kiran", "Lily", "Milo", "Noor",
    "Oscar", "Poppy", "Rafi", "Seren", "Theo", "Una",
)  # fmt: skip

DAYTIME = hours(WORK_DAYS, "07:00", "18:30")
EARLY_AND_EVENING = hours(WORK_DAYS, "06:00", "09:30") + hours(WORK_DAYS, "15:00", "22:30")
EVENINGS = hours(ALL_DAYS, "16:00", "23:00")
NIGHTS = hours(ALL_DAYS, "19:00", "09:00")
ALL_WEEK = hours(ALL_DAYS, "06:00", "23:00")
ROUND_THE_CLOCK = hours(ALL_DAYS, "00:00", "00:00")
THURSDAYS_OFF_AT_17 = hours((0, 1, 2, 4), "06:30", "21:45") + hours((3,), "06:30", "17:00")

# Free hours, opt-ins, longest distance in km, how they travel: ways of working that a desk knows well.
_WAYS_OF_WORKING: tuple[tuple[tuple[Hours, ...], tuple[str, ...], int, TransportMode], ...] = (
    (ALL_WEEK, ("weekends", "occasional", "sick_child"), 12, TransportMode.CAR),
    (ROUND_THE_CLOCK, ("nights", "weekends", "occasional", "sick_child"), 12, TransportMode.CAR),
    (EARLY_AND_EVENING, ("occasional", "sick_child"), 8, TransportMode.BIKE),
    (NIGHTS, ("nights", "weekends", "occasional"), 15, TransportMode.CAR),
    (EVENINGS, ("weekends", "occasional"), 7, TransportMode.PUBLIC_TRANSPORT),
    (DAYTIME, ("occasional", "sick_child"), 6, TransportMode.BIKE),
    (ALL_WEEK, ("weekends", "occasional", "sick_child"), 9, TransportMode.PUBLIC_TRANSPORT),
)


def town(seed: int = 7) -> Town:
    """The whole town; the same seed gives the same people."""
    dice = random.Random(seed)
    carers = _carers(dice)
    return Town(
        desk_id=town_id(SLUG, "desk"),
        slug=SLUG,
        desk_name="Brighton & Hove At Home Childcare",
        country="en",
        currency="GBP",
        languages=("en", "fr"),
        zone="Europe/London",
        tariffs=(
            TownTariff(mode="family_home", family_minor=1650, carer_minor=1380),
            TownTariff(mode="carer_home", family_minor=820, carer_minor=690),
        ),
        carers=carers,
        families=_persona_families(dice, carers) + _more_families(dice, 72),
    )


def _carers(dice: random.Random) -> tuple[TownCarer, ...]:
    found = []
    for number, (first, last) in enumerate(zip(_FIRST_NAMES, _LAST_NAMES, strict=True)):
        weekly, opt_ins, distance, transport = _WAYS_OF_WORKING[number % len(_WAYS_OF_WORKING)]
        minds_at_home = number % 5 == 0
        found.append(
            TownCarer(
                carer_id=town_id(SLUG, "carer", first),
                first_name=first,
                last_name=last,
                modes=("carer_home", "family_home") if minds_at_home else ("family_home",),
                home=GROUND.spot(dice, f"carer-{first}"),
                languages=("en", dice.choice(("fr", "pl", "ar", "pt", "es"))) if number % 3 == 0 else ("en",),
                transport=transport,
                max_distance_km=distance,
                skills=("one_to_one",) if number % 4 == 0 else ("medication",) if number % 4 == 1 else (),
                opt_ins=opt_ins,
                credentials=PAPERS,
                own_children_born=(date(2022, 3, 9),) if number == 10 else (),
                weekly=weekly,
                habit=Habit(says_yes=dice.choice((0.95, 0.85, 0.7, 0.5)), answers_after_minutes=dice.randint(2, 25)),
            )
        )
    # Grace leaves on time on Thursdays, whatever happens: her own child waits.
    grace = next(carer for carer in found if carer.first_name == "Grace")
    found[found.index(grace)] = replace(grace, weekly=THURSDAYS_OFF_AT_17, habit=replace(grace.habit, says_yes=0.95))
    return tuple(found)


def _persona_families(dice: random.Random, carers: tuple[TownCarer, ...]) -> tuple[TownFamily, ...]:
    known = {carer.first_name: carer.carer_id for carer in carers}

    def family(name: str, area: str, children: tuple[tuple[str, str], ...], *needs: Need, **more: object) -> TownFamily:
        favourites = tuple(known[first] for first in more.pop("likes", ()))  # type: ignore[attr-defined]
        care_needs, allergies = str(more.pop("care_needs", "")), str(more.pop("allergies", ""))
        return TownFamily(
            family_id=town_id(SLUG, "family", name),
            name=name,
            language=str(more.pop("language", "en")),
            home=GROUND.spot(dice, f"family-{name}", area),
            children=tuple(
                child(SLUG, name, first, born, needs=care_needs, allergies=allergies) for first, born in children
            ),
            needs=needs,
            favourite_carer_ids=favourites,
        )

    return (
        # A lone parent whose day begins half an hour before the nursery's.
        family("Kyra Lane", "Hanover", (("Maya", "2023-02-11"),), need(WORK_DAYS, "07:00", "08:15"), likes=("Ana",)),
        # 11:30-19:00 four days a week; the nursery closes at 18:00.
        family("Samira Haddad", "Seven Dials", (("Leila", "2023-05-20"),),
               need((0, 1, 2, 4), "17:30", "19:45"), language="fr", likes=("Grace",)),
        # A nurse's rotating nights and a shop that opens at 08:30; the baby falls ill at 06:30 on Tuesday.
        family("Bouazza", "Elm Grove", (("Adam", "2019-09-02"), ("Ines", "2021-01-15"), ("Sami", "2025-12-01")),
               need((0, 2), "21:30", "07:45"),
               need(1, "07:45", "13:00", urgency="sick_child", once=True, reason="sick child", asked_day=1, asked_at=time(6, 30)),
               likes=("Beatrice",), allergies="peanut"),
        # Evenings to 21:30 every second week.
        family("Caillau", "Brunswick", (("Loïc", "2024-04-03"),),
               need(WORK_DAYS, "17:30", "21:45", every_weeks=2), language="fr", likes=("Farah",)),
        # Both parents are called to a course next week; a baby and a toddler, days' notice.
        family("Nzeogwu", "Moulsecoomb", (("Ada", "2025-08-20"), ("Obi", "2024-01-30")),
               need((0, 1, 2, 3), "09:00", "15:30", reason="course", asked_day=-3, asked_at=time(16, 45))),
        # A night nurse and the cleaner of an office at night.
        family("Okafor", "Kemptown", (("Zara", "2022-07-12"),), need((1, 3, 5), "20:30", "07:30"), likes=("Deepa",)),
        family("Petrescu", "Whitehawk", (("Ioana", "2021-11-05"), ("Luca", "2024-10-10")),
               need(WORK_DAYS, "04:30", "07:30"), likes=("Kemi",)),
        # Autism, one carer for one child.
        family("Kayode", "Fiveways", (("Tobi", "2020-06-18"),),
               need((0, 2, 4), "15:30", "19:00", skills=("one_to_one",)), care_needs="autism", likes=("Eleni",)),
        # Dialysis: the same three mornings every week.
        family("Whitmore", "Queen's Park", (("Rose", "2023-09-09"),), need((0, 2, 4), "08:00", "12:30", reason="health")),
        # A supper shift on Saturday and Sunday, siblings of very different ages.
        family("Delgado", "Hove Central", (("Marco", "2014-03-03"), ("Lucia", "2020-12-12"), ("Pia", "2025-03-25")),
               need((5, 6), "15:00", "22:30"), likes=("Imogen",)),
        # Two families of one street share a carer after school.
        family("Hartley", "Preston Park", (("Edie", "2020-02-02"),),
               need((1, 3), "15:30", "18:30", shared_with="Iqbal"), likes=("Helen",)),
        family("Iqbal", "Preston Park", (("Amir", "2019-08-08"), ("Zayn", "2022-02-22")),
               need((1, 3), "16:00", "19:00", shared_with="Hartley"), likes=("Helen",)),
        # The night the clocks go back is an hour longer.
        family("Summers", "Portslade", (("Jack", "2023-12-24"),), need((4, 5), "22:00", "07:00"), likes=("Carys",)),
        # A job interview on Wednesday, known on Tuesday evening.
        family("Aline Moreau", "North Laine", (("Jules", "2024-06-06"),),
               need(2, "09:30", "12:30", once=True, reason="interview", asked_day=1, asked_at=time(19, 10)), language="fr"),
    )  # fmt: skip


_COMMON_NEEDS: tuple[Need, ...] = (
    need((0, 2, 4), "07:00", "09:00"),
    need((0, 1, 3), "17:00", "20:00"),
    need((0, 1, 3), "15:15", "18:45"),
    need((3, 4), "18:00", "23:00"),
    need((5, 6), "09:00", "14:00"),
    need((1, 2, 4), "06:30", "08:45"),
    need((2, 3), "20:00", "07:00"),
    need((0, 3), "12:00", "18:00", mode="carer_home"),
    need((6,), "10:00", "16:00"),
    need((2,), "08:00", "17:30", mode="carer_home"),
    need((0, 1, 2), "18:00", "21:30", every_weeks=2),
    need((2, 3), "13:00", "19:30"),
)


def _more_families(dice: random.Random, count: int) -> tuple[TownFamily, ...]:
    found = []
    for number in range(count):
        name = f"{_LAST_NAMES[(number * 7 + 3) % len(_LAST_NAMES)]}-{_LAST_NAMES[(number * 11 + 5) % len(_LAST_NAMES)]}"
        name = name if number < len(_LAST_NAMES) else f"{name} of {GROUND.areas[number % len(GROUND.areas)][0]}"
        found.append(
            TownFamily(
                family_id=town_id(SLUG, "family", name, str(number)),
                name=name,
                language=dice.choice(("en", "en", "en", "fr")),
                home=GROUND.spot(dice, f"family-{number}-{name}"),
                children=tuple(
                    child(SLUG, f"{name}-{number}", first, f"{dice.randint(2018, 2025)}-{dice.randint(1, 9):02}-14")
                    for first in dice.sample(_CHILD_NAMES, dice.choice((1, 1, 2)))
                ),
                needs=(_asked_some_day(dice, _COMMON_NEEDS[number % len(_COMMON_NEEDS)]),),
            )
        )
    return tuple(found)


def _asked_some_day(dice: random.Random, wanted: Need) -> Need:
    asked_day = dice.choice((-3, -3, -3, -3, 1))
    asked_at = time(dice.randint(8, 19), dice.randint(0, 59))
    # Who asks during the week asks for what is left of it.
    left = tuple(day for day in wanted.weekdays if day > 1) or (4,)
    weekdays = left if asked_day >= 0 else wanted.weekdays
    return replace(wanted, asked_day=asked_day, asked_at=asked_at, weekdays=weekdays)
