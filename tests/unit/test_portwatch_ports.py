"""PortWatch's numbers of ports: how they are matched to UN/LOCODE, and the table that is shipped."""

import pytest

from ais_indicators.geo.unlocodes import is_unlocode
from ais_indicators.publish.portwatch.matching import (
    AMBIGUOUS,
    CLOSE,
    INDEX,
    NO_NAME,
    ONE,
    OTHER,
    SEVERAL,
    TAKEN,
    UNLOCODE,
    Candidate,
    Match,
    WatchedPort,
    match_ports,
)
from ais_indicators.publish.portwatch.ports import numbered_ports, numbers_of
from tests.subject_rules import SHIP_RULES

HERE, AT_40_KM, BEYOND = (50.0, 0.0), (50.0 + 39.9 / 111.19, 0.0), (50.0 + 40.2 / 111.19, 0.0)
KNOWN = {
    "SGSIN": "port1201", "NLRTM": "port1114", "BEANR": "port57", "KRPUS": "port1065", "DEHAM": "port446",
    "AEJEA": "port744", "USHOU": "port481", "BRSSZ": "port1160", "PLGDN": "port380", "GBFXT": "port343",
    "TRMER": "port735", "EGALY": "port23", "INNSA": "port776", "UAODS": "port843", "USSAV": "port1170",
    "FRLEH": "port985", "JPYOK": "port1417", "AUPHE": "port955", "ZADUR": "port311", "USBAL": "port103",
}  # fmt: skip
"""Pairs that are known from elsewhere: lists of public scripts that read PortWatch, and ports that have one name."""


def of_list(code: str, source: str, place: tuple[float, float] | None, *names: str) -> Candidate:
    return Candidate(code, source, "NLD", names or ("Rotterdam",), place)


def matched(*candidates: Candidate, name: str = "Rotterdam") -> Match:
    port = WatchedPort("port1114", name, "NLD")
    return match_ports([port], candidates, SHIP_RULES)[port]


@pytest.mark.parametrize(
    ("candidates", "match"),
    [
        ([of_list("NLRTM", INDEX, HERE)], Match("NLRTM", ONE)),
        ([of_list("NLRTM", INDEX, HERE), of_list("NLRTM", UNLOCODE, None)], Match("NLRTM", SEVERAL)),
        ([of_list("BEANR", INDEX, HERE)._replace(country_iso3="BEL")], Match("", NO_NAME)),
        ([of_list("NLQQQ", INDEX, HERE)], Match("", NO_NAME)),
        (
            [of_list("NLRTM", INDEX, HERE), of_list("NLBOT", OTHER, AT_40_KM)],
            Match("NLRTM", CLOSE, ("NLBOT",)),
        ),
        ([of_list("NLRTM", INDEX, HERE), of_list("NLBOT", OTHER, BEYOND)], Match("", AMBIGUOUS)),
        ([of_list("NLRTM", INDEX, HERE), of_list("NLBOT", OTHER, None)], Match("", AMBIGUOUS)),
        (
            [
                of_list("NLRTM", INDEX, HERE),
                of_list("NLRTM", OTHER, HERE),
                of_list("NLBOT", UNLOCODE, BEYOND),
            ],
            Match("NLRTM", SEVERAL),
        ),
        (
            [
                of_list("NLRTM", UNLOCODE, HERE),
                of_list("NLRTM", OTHER, HERE),
                of_list("NLBOT", INDEX, BEYOND),
            ],
            Match("", AMBIGUOUS),
        ),
        (
            [of_list("NLRTM", OTHER, HERE), of_list("NLBOT", INDEX, HERE, "Botlek", "Rotterdam")],
            Match("NLRTM", ONE),
        ),
    ],
    ids=["one", "two", "country", "no code", "near", "far", "anywhere", "more lists", "rival", "other name"],
)
def test_name_country_and_position_decide(candidates: list[Candidate], match: Match) -> None:
    assert matched(*candidates) == match
    assert matched(*reversed(candidates)) == match


@pytest.mark.parametrize(
    ("watched", "listed", "is_same"),
    [
        ("Port of Rotterdam", "Rotterdam", True),
        ("R\u00f3tterdam", "ROTTERDAM", True),
        ("Europoort (Rotterdam)", "Rotterdam", True),
        ("Rotterdam", "Rotterdam Pt / Botlek", True),
        ("Rotterdam", "Roterdam; Rotterdam", True),
        ("Rotterdam-Botlek", "Rotterdam", False),
        ("Rotterdam", "Rotterdam Waalhaven", False),
    ],
)
def test_names_are_compared_in_plain_letters(watched: str, listed: str, is_same: bool) -> None:
    found = matched(of_list("NLRTM", INDEX, HERE, listed), name=watched)
    assert found == (Match("NLRTM", ONE) if is_same else Match("", NO_NAME))


def test_a_code_goes_to_the_busiest_port_alone() -> None:
    ports = [WatchedPort("port2", "Rotterdam", "NLD"), WatchedPort("port1", "Port of Rotterdam", "NLD")]
    found = match_ports(ports, [of_list("NLRTM", INDEX, HERE)], SHIP_RULES)
    assert list(found.values()) == [Match("NLRTM", ONE), Match("", TAKEN)]


def test_the_table_has_all_ports_of_portwatch_and_no_code_twice() -> None:
    ports = numbered_ports()
    numbers = [int(one.port_id.removeprefix("port")) for one in ports]
    codes = [code for one in ports for code in (one.locode, *one.other_locodes) if code]
    assert (len(ports), len({one.port_id for one in ports})) == (1666, 1666)
    assert numbers == sorted(numbers)
    assert len(codes) == len(set(codes))
    assert all(is_unlocode(code) for code in codes)
    assert sum(bool(one.locode) for one in ports) == 1477
    assert {one.how for one in ports if not one.locode} == {NO_NAME, AMBIGUOUS, TAKEN}


@pytest.mark.parametrize("code", sorted(KNOWN))
def test_ports_that_are_known_elsewhere_have_their_numbers(code: str) -> None:
    assert numbers_of([code])[code].port_id == KNOWN[code]


def test_a_number_is_given_to_one_code_of_a_place_alone() -> None:
    assert {code: one.port_id for code, one in numbers_of(["CNSHA"]).items()} == {"CNSHA": "port1188"}
    assert {code: one.port_id for code, one in numbers_of(["CNSHA", "CNSGH"]).items()} == {
        "CNSGH": "port1188"
    }
    assert numbers_of(["USLAX", "USLGB", "XXAAA", "WPI10"]) == {}
