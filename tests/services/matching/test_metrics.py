"""What the desk watches: offers by state, and how long a family waited for the first offer and for a yes."""

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from tests.services.matching.town import Town


def told(town: Town) -> dict[str, float]:
    text = town.trial.http.get("/metrics").text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    offers = {s.labels["state"]: s.value for s in samples if s.name == "vesper_offers_total"}
    return offers | {s.name: s.value for s in samples if s.name.endswith(("_seconds_count", "_seconds_sum"))}


def test_offers_and_the_familys_wait_are_counted_once_each(town: Town) -> None:
    before = told(town)
    town.carer("Ada")
    town.carer("Bea")
    town.ask("visit")
    town.trial.clock.advance(timedelta(minutes=7))
    assert town.answer("Bea", town.offer_of("Bea")) == (200, "accepted")

    moved = {name: value - before.get(name, 0) for name, value in told(town).items()}
    assert (moved["sent"], moved["accepted"], moved["lost"]) == (2, 1, 1)
    assert moved["vesper_request_to_first_offer_seconds_count"] == 1
    assert moved["vesper_request_to_acceptance_seconds_count"] == 1
    assert moved["vesper_request_to_acceptance_seconds_sum"] == 7 * 60
