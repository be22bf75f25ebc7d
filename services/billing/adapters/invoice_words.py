"""The words of an invoice in the languages desks write to families in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What an invoice says; `locale` is how it writes days, times and money."""

    locale: str
    invoice: str
    cancelled: str
    issued: str
    period: str
    due: str
    care: str
    amount: str
    total: str
    pay: str
    to: str
    reference: str
    nothing_to_pay: str
    shared: str
    taken_back: str
    put_right: str
    family: str


WORDS = {
    "en": Words(
        locale="en_GB",
        invoice="Invoice",
        cancelled="Cancelled by credit note {number}",
        issued="Issued",
        period="Care from and until",
        due="To be paid by",
        care="Care",
        amount="Amount",
        total="Total",
        pay="Please pay {amount} by {day}.",
        to="To",
        reference="Reference",
        nothing_to_pay="Nothing is to be paid.",
        shared="shared carer",
        taken_back="taken back: the time was corrected",
        put_right="with the corrected time",
        family="To the family",
    ),
    "nl": Words(
        locale="nl_BE",
        invoice="Factuur",
        cancelled="Geannuleerd door creditnota {number}",
        issued="Datum",
        period="Opvang van en tot en met",
        due="Te betalen uiterlijk op",
        care="Opvang",
        amount="Bedrag",
        total="Totaal",
        pay="Gelieve {amount} te betalen uiterlijk op {day}.",
        to="Aan",
        reference="Mededeling",
        nothing_to_pay="Er is niets te betalen.",
        shared="gedeelde opvang",
        taken_back="teruggenomen: de tijd is verbeterd",
        put_right="met de verbeterde tijd",
        family="Aan het gezin",
    ),
    "fr": Words(
        locale="fr_FR",
        invoice="Facture",
        cancelled="Annulée par la note de crédit {number}",
        issued="Date",
        period="Garde du et au",
        due="À payer au plus tard le",
        care="Garde",
        amount="Montant",
        total="Total",
        pay="Merci de payer {amount} au plus tard le {day}.",
        to="À",
        reference="Communication",
        nothing_to_pay="Il n'y a rien à payer.",
        shared="garde partagée",
        taken_back="annulé : l'heure a été corrigée",
        put_right="avec l'heure corrigée",
        family="À la famille",
    ),
}
