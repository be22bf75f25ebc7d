"""What people are told in plain words: what was done, why something was refused, and what a code stands for."""

from services.web.clients import Problem
from services.web.language import Words, catalogue


def _mark(message: str) -> str:
    """Marks a text for translation where it is not yet known in whose language."""
    return message


N_ = _mark

_DONE = {
    "offers-sent": N_("The offers have been sent."),
    "offer-withdrawn": N_("The offer has been withdrawn."),
    "visit-released": N_("The visit is open again."),
    "request-recorded": N_("The request has been recorded."),
    "request-withdrawn": N_("The request has been withdrawn."),
    "family-registered": N_("The family has been registered."),
    "visit-cancelled": N_("The visit has been cancelled."),
    "visit-corrected": N_("The times have been put right."),
    "accepted": N_("You said yes. The visit is being confirmed; you will see it among your visits."),
    "declined": N_("You said no. That is fine, and it will not count against you."),
    "checked-in": N_("You are checked in."),
    "checked-out": N_("You are checked out. Thank you."),
    "availability-saved": N_("Your availability has been saved."),
    "absence-reported": N_("Your absence is known. The desk finds someone for your visits."),
    "invoice-issued": N_("The invoice has been issued."),
    "invoices-issued": N_("The invoices have been issued."),
    "language": N_("This is your language now."),
    "signed-out": N_("You are signed out."),
}

_REFUSED = {
    "foreign-form": N_("This form is not from your own session. Open the page again and send it once more."),
    "expired": N_("The time to answer this offer is over."),
    "withdrawn": N_("The desk has withdrawn this offer."),
    "terms-changed": N_("The visit has changed since it was offered. Look at the new terms first."),
    "already-yours": N_("You already said yes to this visit."),
    "already-declined": N_("You already said no to this visit."),
    "overlaps": N_("You already have a visit at that time."),
    "too-far": N_("You could not be there in time from your other visit."),
    "ratio": N_("With these children there would be too many in your care at once."),
    "rest": N_("This would leave you too little rest between visits."),
    "sign-in-refused": N_("The sign-in was not finished: it was begun elsewhere, or too long ago. Try again."),
    "no-role": N_("Your organisation knows you, but you have no desk or role here yet. Ask your desk's admin."),
    "slow": N_("This part of the system took too long to answer. Nothing is lost; try again."),
    "away": N_("This part of the system is away for a moment. Nothing is lost; try again."),
}

# Codes of the services, as people say them. One that is not here is shown as it is, its dashes as spaces.
_CODES = {
    "open": N_("open"),
    "offered": N_("offered"),
    "accepted": N_("being confirmed"),
    "assigned": N_("being confirmed"),
    "certain": N_("certain"),
    "rostered": N_("planned"),
    "on_the_way": N_("on the way"),
    "running": N_("running"),
    "started": N_("running"),
    "released": N_("taken back"),
    "completed": N_("completed"),
    "missed": N_("missed"),
    "cancelled": N_("cancelled"),
    "unfilled": N_("nobody found"),
    "closed": N_("closed"),
    "waiting": N_("waiting for an answer"),
    "sent": N_("sent"),
    "made": N_("sent"),
    "seen": N_("seen"),
    "declined": N_("declined"),
    "expired": N_("expired"),
    "withdrawn": N_("withdrawn"),
    "taken": N_("taken by another"),
    "lost": N_("taken by another"),
    "changed": N_("changed"),
    "refused": N_("refused"),
    "family_home": N_("at the family's home"),
    "carer_home": N_("at the carer's home"),
    "unbilled": N_("to be invoiced"),
    "billed": N_("invoiced"),
    "invoiced": N_("invoiced"),
    "issued": N_("issued"),
    "paid": N_("paid"),
    "credited": N_("credited"),
    "away.sick": N_("ill"),
    "away.family": N_("family matters"),
    "away.holiday": N_("holidays"),
    "away.other": N_("something else"),
    "holiday": N_("public holiday"),
    "family": N_("family"),
    "carer": N_("carer"),
    "desk": N_("desk"),
    "car": N_("car"),
    "bicycle": N_("bicycle"),
    "bike": N_("bicycle"),
    "foot": N_("on foot"),
    "walking": N_("on foot"),
    "public": N_("public transport"),
    "public_transport": N_("public transport"),
    "night": N_("night"),
    "early": N_("early morning"),
    "late": N_("evening"),
    "weekend": N_("weekend"),
    "base": N_("basic rate"),
    "urgent": N_("urgent"),
    "emergency": N_("an emergency"),
    "sick_child": N_("a sick child"),
    "missing_check_in": N_("has not checked in"),
    "missing_check_out": N_("has not checked out"),
    "carer_absent": N_("the carer is absent"),
    "excluded": N_("the family does not want"),
    "mode": N_("works elsewhere"),
    "skills": N_("skills"),
    "distance": N_("distance"),
    "availability": N_("not free"),
    "absent": N_("absent"),
    "credentials": N_("papers"),
    "overlaps": N_("already busy"),
    "consent": N_("no consent to share"),
    "too-far": N_("too far between visits"),
    "ratio": N_("too many children"),
    "rest": N_("too little rest"),
    "opt_in.nights": N_("no nights"),
    "opt_in.weekends": N_("no weekends"),
    "opt_in.occasional": N_("no single visits"),
    "opt_in.sick_child": N_("no sick children"),
    "equal": N_("in equal parts"),
    "by_children": N_("by number of children"),
    "child_hours": N_("by the hours each child was there"),
    "overlap": N_("minute by minute, by who was there"),
    "family_receivable": N_("owed by families"),
    "care_income": N_("income from care"),
    "carer_cost": N_("cost of carers"),
    "carer_payable": N_("owed to carers"),
    "bank_clearing": N_("on its way to the bank"),
}


def notice(code: str, words: Words) -> str:
    """What to tell someone who just did this; empty for a code we don't know."""
    return words.say(_DONE[code]) if code in _DONE else ""


def sentence_of(problem: Problem, words: Words) -> str:
    """Why a service refused, in the reader's words where we have them, else in the service's own."""
    return words.say(_REFUSED[problem.code]) if problem.code in _REFUSED else problem.detail


def words_for_code(code: str, language: str) -> str:
    """A service's code as people say it."""
    known = _CODES.get(code)
    if known is None:
        return code.replace("_", " ").replace("-", " ")
    return str(catalogue(language).ugettext(known))
