"""The dispatcher's pages: what is read from where, what is sent, and what is told when a service says no."""

import re
from collections.abc import Callable

from tests.services.web.conftest import Pages
from tests.services.web.stub import CARER, FAMILY, Away, Refusal
from tests.services.web.town import ANA, BEA, OFFER, REQUEST, ROSTERED, VISIT


def plain(text: str) -> str:
    """The page without its marks and line ends."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_board_tells_when_who_where_and_how_far_the_asking_is(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    told = plain(pages.get("/board").text)
    assert "Mon 1 Jun 21:00–07:00 (+1 day)" in told
    assert "Lina (4 yr), Adam (14 mo)" in told
    assert "2 waiting, 1 no, 0 silent" in told
    assert "until 1 Jun 18:42" in told
    assert "availability" not in told
    assert "not free 31, distance 6" in told
    assert told.index("Bouazza") < told.index("Nzeogwu") < told.index("Kyra Dunne")
    asked = pages.stub.of("matching", "GET /visits/open")[0].params
    assert asked == {"from": "2026-06-01T05:15:00+00:00", "until": "2026-06-15T17:15:00+00:00"}


def test_being_confirmed_is_said_so_and_never_called_certain(signed_in: Callable[[str], Pages]) -> None:
    row = plain(signed_in("dispatcher").get("/board").text).partition("Nzeogwu")[2].partition("Kyra")[0]
    assert "being confirmed Ana Field" in row
    assert "certain" not in row


def test_the_board_stands_without_the_children_while_request_is_away(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    pages.stub.answers["request", "GET /care-requests"] = Away()
    answer = pages.get("/board")
    assert answer.status_code == 200
    assert "2 children" in plain(answer.text)


def test_an_empty_board_says_so(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    pages.stub.answers["matching", "GET /visits/open"] = {"rows": []}
    assert "Everyone has a carer" in pages.get("/board").text


def test_the_shortlist_shows_numbers_sentences_and_the_source_of_every_no(signed_in: Callable[[str], Pages]) -> None:
    told = plain(signed_in("dispatcher").get(f"/board/{VISIT}").text)
    assert "Knows the children: 14 visits, last 3 days ago." in told
    assert "83.4" in told
    assert "Knows them 92" in told
    assert "Would have 7 hours of rest before the morning visit; 11 are needed." in told
    assert "Working Time Regulations 1998, reg. 10" in told
    assert "“family dinner”" in told


def test_offers_go_to_those_chosen_once_however_often_the_form_is_sent(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    shown = pages.get(f"/board/{VISIT}").text
    key = re.search(r'name="key" value="(\w+)"', shown)
    assert key is not None
    form = {"carer_ids": [BEA], "expires_in_minutes": "20", "key": key[1]}
    for _ in range(2):
        assert pages.post(f"/board/{VISIT}/offers", form).headers["location"] == f"/board/{VISIT}?done=offers-sent"
    sent = pages.stub.of("matching", f"POST /visits/{VISIT}/offers")
    assert [each.body for each in sent] == [{"carer_ids": [BEA], "expires_in_minutes": 20}] * 2
    assert {each.headers["idempotency-key"] for each in sent} == {key[1]}


def test_a_refused_offer_leaves_the_choice_as_it_was(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    pages.stub.answers["matching", f"POST /visits/{VISIT}/offers"] = Refusal(
        status=409, detail="Bea Lund already said no to these terms.", code="declined-before"
    )
    answer = pages.post(f"/board/{VISIT}/offers", {"carer_ids": [BEA], "expires_in_minutes": "20"})
    assert answer.status_code == 409
    assert "Bea Lund already said no to these terms." in answer.text
    assert re.search(rf'value="{BEA}"[^>]* checked', answer.text)
    assert not re.search(rf'value="{ANA}"[^>]* checked', answer.text)


def test_an_offer_is_withdrawn_and_a_visit_opened_again(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    assert pages.post(f"/board/{VISIT}/withdraw/{OFFER}").status_code == 303
    assert len(pages.stub.of("matching", f"POST /offers/{OFFER}/withdraw")) == 1
    pages.stub.answers["matching", f"POST /visits/{VISIT}/release"] = {"visit_id": VISIT}
    pages.post(f"/board/{VISIT}/release", {"reason": "the car broke down"})
    assert pages.stub.of("matching", f"POST /visits/{VISIT}/release")[0].body == {"reason": "the car broke down"}


def test_a_visit_without_a_shortlist_yet_says_that_it_is_being_made(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    pages.stub.answers["matching", f"GET /visits/{VISIT}/shortlist"] = Refusal(status=404, detail="Not yet.")
    answer = pages.get(f"/board/{VISIT}")
    assert answer.status_code == 200
    assert "The shortlist is being made" in answer.text


def test_the_roster_of_a_day_is_asked_for_on_the_desks_wall_clock(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    told = plain(pages.get("/roster?on=2026-10-25").text)
    asked = pages.stub.of("roster", "GET /visits")[0].params
    assert asked == {"from": "2026-10-25T00:00:00+01:00", "until": "2026-10-26T00:00:00+00:00"}
    assert "Ana Field" in told
    assert "in 16:04" in told
    assert "Bea Lund, Bouazza, 17:00–19:00 : has not checked in" in told


def test_cancelling_and_correcting_a_visit_say_who_and_why(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    pages.post(f"/roster/{ROSTERED}/cancel", {"by": "family", "reason": "ill child"})
    assert pages.stub.of("roster", f"POST /visits/{ROSTERED}/cancel")[0].body == {"by": "family", "reason": "ill child"}
    times = {
        "zone": "Europe/London",
        "started_at": "2026-06-01T21:05",
        "ended_at": "2026-06-02T07:10",
        "reason": "phone",
    }
    pages.post(f"/roster/{ROSTERED}/correct", times)
    assert pages.stub.of("roster", f"POST /visits/{ROSTERED}/correct")[0].body == {
        "started_at": "2026-06-01T21:05:00+01:00",
        "ended_at": "2026-06-02T07:10:00+01:00",
        "reason": "phone",
    }


ONE_NIGHT = {
    "family_id": str(FAMILY),
    "child_ids": ["c1"],
    "kind": "visit",
    "on": "2026-06-05",
    "start": "21:00",
    "end": "07:00",
    "mode": "family_home",
    "skills": "first_aid, epipen",
    "reason": "Night shift",
    "key": "k1",
}


def test_a_night_asked_for_by_phone_ends_the_next_morning(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    answer = pages.post("/requests/new", ONE_NIGHT)
    assert answer.headers["location"] == f"/requests/{REQUEST}?done=request-recorded"
    (sent,) = pages.stub.of("request", "POST /care-requests")
    assert sent.headers["idempotency-key"] == "k1"
    assert sent.body == {
        "family_id": str(FAMILY),
        "child_ids": ["c1"],
        "mode": "family_home",
        "skills": ["first_aid", "epipen"],
        "reason": "Night shift",
        "visits": [{"start_local": "2026-06-05T21:00", "end_local": "2026-06-06T07:00"}],
    }


def test_a_weekly_pattern_is_sent_as_its_slots(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    form = ONE_NIGHT | {
        "kind": "pattern",
        "weekday": ["0", "2", "4"],
        "slot_start": ["21:00", "05:30", ""],
        "slot_end": ["07:00", "08:00", ""],
        "week": ["0", "1", "0"],
        "starts_on": "2026-06-08",
        "ends_on": "",
        "weeks": "2",
    }
    pages.post("/requests/new", form)
    assert pages.stub.of("request", "POST /care-requests")[0].body["patterns"][0] == {
        "starts_on": "2026-06-08",
        "weeks": 2,
        "slots": [
            {"week": 0, "weekday": 0, "start": "21:00", "end": "07:00"},
            {"week": 1, "weekday": 2, "start": "05:30", "end": "08:00"},
        ],
    }


def test_a_refused_request_is_explained_at_its_field_and_nothing_typed_is_lost(
    signed_in: Callable[[str], Pages],
) -> None:
    pages = signed_in("dispatcher")
    sentence = "02:30 does not exist on 29 March 2026: the clock goes from 01:00 to 03:00."
    pages.stub.answers["request", "POST /care-requests"] = Refusal(
        status=422, detail=sentence, code="invalid", errors=(("#/visits/0/start_local", sentence),)
    )
    answer = pages.post("/requests/new", ONE_NIGHT | {"on": "2026-03-29", "start": "02:30", "urgency": "sick_child"})
    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2
    assert re.search(r'name="on" value="2026-03-29" aria-invalid="true" aria-describedby="wrong-on"', answer.text)
    for kept in ('value="02:30"', 'value="07:00"', "Night shift", "first_aid, epipen", 'name="key" value="k1"'):
        assert kept in answer.text, kept
    assert re.search(r'value="c1" checked', answer.text)
    assert not re.search(r'value="c2" checked', answer.text)
    assert '<option value="sick_child" selected>' in answer.text


def test_a_half_filled_form_is_refused_in_words_and_not_by_a_crash(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    pages.stub.answers["request", "POST /care-requests"] = Refusal(status=422, detail="A day is needed.")
    for broken in ({"on": ""}, {"start": "", "end": ""}, {"kind": "pattern", "weeks": "x", "weekday": ["y"]}):
        answer = pages.post(
            "/requests/new", ONE_NIGHT | {"slot_start": ["1"], "slot_end": [""], "week": ["z"]} | broken
        )
        assert answer.status_code == 422, broken


def test_a_family_is_found_while_its_name_is_typed(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    answer = pages.get("/requests/families?q=bou")
    assert "<html" not in answer.text
    assert f'href="/requests/new?family={FAMILY}"' in answer.text
    assert pages.stub.of("request", "GET /families")[0].params["q"] == "bou"
    assert pages.get("/requests/families?q=%20").text.count("<li") == 0
    assert len(pages.stub.of("request", "GET /families")) == 1


def test_registering_a_family_sends_every_child_and_shows_what_is_wrong_with_which(
    signed_in: Callable[[str], Pages],
) -> None:
    pages = signed_in("dispatcher")
    form = {
        "name": "Okafor",
        "language": "en",
        "phone": "+44 1273 555 020",
        "email": "",
        "address": "3 Elm Grove",
        "area": "Elm Grove",
        "latitude": "50,83",
        "longitude": "-0.12",
        "zone": "Europe/London",
        "first_name": ["Ife", "Tobi"],
        "born": ["2023-02-01", "2099-01-01"],
        "needs": ["asthma, eczema", ""],
        "allergy": ["", "egg"],
        "key": "k2",
    }
    assert pages.post("/families/new", form).headers["location"] == f"/families/{FAMILY}?done=family-registered"
    body = pages.stub.of("request", "POST /families")[0].body
    assert body["home"]["latitude"] == 50.83
    assert body["children"] == [
        {"first_name": "Ife", "born": "2023-02-01", "care_needs": ["asthma", "eczema"], "allergies": []},
        {"first_name": "Tobi", "born": "2099-01-01", "care_needs": [], "allergies": ["egg"]},
    ]
    assert "email" not in body
    pages.stub.answers["request", "POST /families"] = Refusal(
        status=422, detail="One field can't be right.", errors=(("#/children/1/born", "Tobi is born in the future."),)
    )
    text = pages.post("/families/new", form).text
    assert text.count('class="child-row"') == 2
    assert text.index('value="2099-01-01"') < text.index("Tobi is born in the future.")
    assert 'value="asthma, eczema"' in text


def test_what_people_wrote_is_shown_and_never_run(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    row = pages.stub.answers["request", "GET /families"]
    assert isinstance(row, dict)
    row["rows"][0]["name"] = "<script>alert(1)</script>"
    text = pages.get("/families").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_nothing_of_a_ruled_out_carer_is_offered_a_box(signed_in: Callable[[str], Pages]) -> None:
    assert f'value="{CARER}"' not in signed_in("dispatcher").get(f"/board/{VISIT}").text
