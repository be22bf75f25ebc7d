"""The countries' rules, read back with their sources, and packs that are refused."""

from datetime import date, time
from importlib import resources

import pytest

from shared.domain.errors import Invalid
from shared.domain.travel import TransportMode
from shared.domain.values import Money
from shared.jurisdictions.packs import COUNTRIES, CareMode, Origin, PackError, country_rules, pack, parse

TODAY = date(2026, 6, 1)


def text_of(country: str) -> str:
    return resources.files("shared.jurisdictions").joinpath(f"{country}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_rule_reads_back_with_its_source(country: str) -> None:
    for rule in pack(country, TODAY).rules():
        assert rule.sentence.endswith(".")
        assert rule.numbers
        assert rule.source
        if rule.origin is Origin.DEFAULT:
            assert rule.source.startswith("our default")
        if rule.origin is Origin.BOOK:
            assert "lines" in rule.source


@pytest.mark.parametrize(
    ("country", "caps"),
    [
        ("be_vl", {"children": 8}),
        ("nl", {"children": 4}),
        ("fr", {"children": 4}),
        ("en", {"under_1": 1, "under_4": 3, "children": 6}),
    ],
)
def test_ratios_at_the_carers_home(country: str, caps: dict[str, int]) -> None:
    limits = pack(country, TODAY).ratio(CareMode.CARER_HOME)
    assert {cap.code: cap.most for cap in limits.caps} == caps
    assert limits.counts_own_children


def test_the_dutch_group_ratio_for_babies_changed_with_2019() -> None:
    [before] = pack("nl", date(2018, 12, 31)).ratios["group"].caps
    [after] = pack("nl", date(2019, 1, 1)).ratios["group"].caps
    assert (before.most, after.most) == (4, 3)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("mode", CareMode)
def test_good_conduct_and_first_aid_are_asked_for_everywhere(country: str, mode: CareMode) -> None:
    assert {"good_conduct", "paediatric_first_aid"} <= set(pack(country, TODAY).required_credentials(mode))


def test_registration_by_country() -> None:
    own = {country: set(pack(country, TODAY).required_credentials("carer_home")) for country in COUNTRIES}
    assert "kind_en_gezin" in own["be_vl"]
    assert "lrk" in own["nl"]
    assert "agrement" in own["fr"]
    assert {"ofsted", "insurance"} <= own["en"]
    assert pack("fr", TODAY).credentials_renewed_every_years == {"agrement": 5}


def test_four_limits_are_four_fields() -> None:
    limits = {
        country: (
            found.occasional_longest_months,
            found.notice_days,
            found.programme_longest_days,
            found.urgent_place_lead_months,
        )
        for country in COUNTRIES
        for found in [pack(country, TODAY)]
    }
    assert limits == {
        "be_vl": (6, None, 14, 1),
        "nl": (None, None, 14, None),
        "fr": (None, 14, 14, None),
        "en": (None, None, 14, None),
    }
    assert pack("be_vl", date(2018, 12, 31)).urgent_place_lead_months is None


def test_hours_rest_pay_and_travel() -> None:
    found = pack("en", TODAY)
    limits = found.working_time
    assert (limits.daily_rest_minutes, limits.weekly_rest_minutes) == (11 * 60, 35 * 60)
    assert (found.break_after_minutes, found.average_week_minutes, found.average_night_minutes) == (360, 2880, 480)
    assert (found.atypical_hours.before, found.atypical_hours.after) == (time(7), time(18))
    assert found.pay_floor == Money(1300, "GBP")
    assert found.longest_visit_minutes == 1440
    assert set(found.travel) == set(TransportMode)
    assert "Directive 2003/88/EC" in found.source("working_time")
    assert (pack("be_vl", TODAY).minimum_age_months, found.minimum_age_months) == (3, 0)


def test_public_holidays_are_each_countrys_own() -> None:
    assert date(2026, 7, 21) in pack("be_vl", TODAY).public_holidays(2026)
    assert date(2026, 7, 14) in pack("fr", TODAY).public_holidays(2026)
    assert date(2026, 4, 27) in pack("nl", TODAY).public_holidays(2026)
    assert date(2026, 8, 31) in pack("en", TODAY).public_holidays(2026)
    between = pack("en", TODAY).public_holidays_between(date(2026, 12, 31), date(2027, 1, 1))
    assert {date(2026, 12, 25), date(2027, 1, 1)} <= between


def test_what_there_is_not_is_refused_plainly() -> None:
    with pytest.raises(Invalid, match="choose be_vl, nl, fr, en"):
        pack("atlantis", TODAY)
    with pytest.raises(Invalid, match="nothing is in force"):
        pack("en", date(2016, 12, 31))
    with pytest.raises(Invalid, match="carer_home or family_home"):
        pack("en", TODAY).ratio("on_the_moon")
    with pytest.raises(Invalid, match="no rule called"):
        pack("en", TODAY).source("urgent_place")


GROUP = "valid_until = 2018-12-31"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GROUP, "valid_until = 2019-01-01", "two rules ratio.group overlap from 2019-01-01"),
        (GROUP, "", "two rules ratio.group overlap from 2019-01-01"),
        (GROUP, "valid_until = 2018-12-30", "ratio.group has a gap from 2018-12-30 to 2019-01-01"),
        (GROUP, "valid_until = 2016-12-31", "ratio.group ends on 2016-12-31, before it begins"),
        ('code = "travel"', 'code = "teleport"', "Nothing reads these rules of Netherlands: teleport"),
        ('origin = "law"', 'origin = "hearsay"', "working_time comes from law or book or default, not from hearsay"),
        ('source = "our default"', 'source = ""', "lacks source"),
        ("daily_rest_minutes = 660", "", "working_time lacks the number daily_rest_minutes"),
        ('zone = "Europe/Amsterdam"', "", "lacks 'zone'"),
        ("most = 3, ", "", "ratio.group needs caps"),
    ],
)
def test_a_pack_that_contradicts_itself_is_refused_at_load(old: str, new: str, message: str) -> None:
    text = text_of("nl")
    assert old in text
    with pytest.raises(PackError, match=message):
        parse(text.replace(old, new, 1))


def test_a_pack_without_a_needed_rule_is_refused() -> None:
    text = text_of("nl")
    start = text.index('[[rule]]\ncode = "pay_floor"')
    end = text.index("[[rule]]", start + 1)
    with pytest.raises(PackError, match="lacks the rules pay_floor"):
        parse(text[:start] + text[end:])


def test_packs_are_read_once() -> None:
    assert country_rules("fr") is country_rules("fr")
    assert pack("fr", TODAY) is pack("fr", TODAY)
