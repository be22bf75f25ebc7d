"""What an alert is about, in a few words: whoever is on duty reads it on a phone at night."""

from collections.abc import Mapping

# With a carer's first name before it where the alert is about one: "Ana: has not checked in".
_WHAT: Mapping[str, Mapping[str, str]] = {
    "en": {
        "missing_check_in": "has not checked in",
        "missing_check_out": "has not checked out",
        "missed": "a visit was missed",
        "carer_absent": "can't come to a visit",
        "not_confirmed": "has not said that they come tonight",
        "help": "asks for help",
        "nobody_came": "nobody came to take the children over",
        "next_at_risk": "is held at a visit and may miss the next",
        "too_many_children": "has more children than allowed",
        "allergies_unknown": "nobody has asked about a child's allergies, so a visit is not certain",
        "paper_lapses": "a paper lapses soon",
        "paper_lapsed": "a paper has lapsed",
        "carer_review": "the day to look back together has come",
        "told_late": "a visit was told late",
        "late_again": "children were fetched late on the same weekday again",
        "concern": "somebody said something in confidence",
        "calendar_trouble": "a calendar can't be read",
        "leg_too_long": "a way is longer than can be; a pin may be in the wrong place",
        "duty_unclear": "nobody is on duty",
    },
    "nl": {
        "missing_check_in": "heeft niet ingecheckt",
        "missing_check_out": "heeft niet uitgecheckt",
        "missed": "een bezoek is gemist",
        "carer_absent": "kan niet naar een bezoek komen",
        "not_confirmed": "heeft niet gezegd vanavond te komen",
        "help": "vraagt hulp",
        "nobody_came": "niemand kwam de kinderen overnemen",
        "next_at_risk": "zit vast bij een bezoek en mist misschien het volgende",
        "too_many_children": "heeft meer kinderen dan toegelaten",
        "allergies_unknown": "niemand vroeg naar de allergieën van een kind, dus een bezoek is niet zeker",
        "paper_lapses": "een bewijsstuk vervalt binnenkort",
        "paper_lapsed": "een bewijsstuk is vervallen",
        "carer_review": "de dag om samen terug te kijken is er",
        "told_late": "een bezoek is laat gemeld",
        "late_again": "kinderen werden opnieuw op dezelfde weekdag laat opgehaald",
        "concern": "iemand zei iets in vertrouwen",
        "calendar_trouble": "een agenda kan niet worden gelezen",
        "leg_too_long": "een weg is langer dan kan; misschien staat een speld verkeerd",
        "duty_unclear": "niemand heeft wacht",
    },
    "fr": {
        "missing_check_in": "n'a pas signalé son arrivée",
        "missing_check_out": "n'a pas signalé son départ",
        "missed": "une garde n'a pas eu lieu",
        "carer_absent": "ne peut pas venir à une garde",
        "not_confirmed": "n'a pas dit si elle ou il vient ce soir",
        "help": "demande de l'aide",
        "nobody_came": "personne n'est venu reprendre les enfants",
        "next_at_risk": "est retenu et risque de manquer la garde suivante",
        "too_many_children": "a plus d'enfants que permis",
        "allergies_unknown": "personne n'a demandé les allergies d'un enfant, une garde n'est donc pas certaine",
        "paper_lapses": "un document expire bientôt",
        "paper_lapsed": "un document a expiré",
        "carer_review": "le jour du bilan est venu",
        "told_late": "une garde a été signalée tard",
        "late_again": "des enfants ont encore été repris tard le même jour de la semaine",
        "concern": "quelqu'un a dit quelque chose en confidence",
        "calendar_trouble": "un agenda ne peut pas être lu",
        "leg_too_long": "un trajet est plus long que possible ; un repère est peut-être mal placé",
        "duty_unclear": "personne n'est de garde",
    },
}


def what_of(kind: str, carer: str, language: str) -> str:
    """The alert in a few words; a kind we have no words for is shown as it is."""
    said = _WHAT[language].get(kind, kind.replace("_", " "))
    return f"{carer}: {said}" if carer else said
