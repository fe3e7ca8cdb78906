"""Pseudonyms: the same person however written, nobody else, and an identity number found in any text."""

import datetime as dt
import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib.pseudonyms import Pseudonymiser, contains_personal_number, normal_civic_number

KEY, OTHER = b"k" * 32, b"o" * 32
TODAY = dt.date(2026, 11, 20)
# Made up in the range that Skatteverket reserves for tests.
TEMPORARY = "20130101TF01"


def luhn_digit(nine: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(nine))
    return str(-total % 10)


COORDINATION = "1985077723" + "9" + luhn_digit("850777239")
ADULT = "1985071723" + "9" + luhn_digit("850717239")
CHILD = "2013041223" + "8" + luhn_digit("130412238")


@pytest.mark.parametrize(
    "written",
    [
        CHILD,
        f"{CHILD[:8]}-{CHILD[8:]}",
        f"{CHILD[:8]} {CHILD[8:]}",
        f" {CHILD[2:8]}-{CHILD[8:]} ",
        CHILD[2:],
        f"{CHILD[2:8]}\u00a0{CHILD[8:]}",
        f"{CHILD[2:8]}–{CHILD[8:]}",
    ],
)
def test_a_number_is_the_same_however_it_is_written(written: str):
    assert normal_civic_number(written, today=TODAY) == CHILD
    assert Pseudonymiser([KEY]).of_civic_number(written) == Pseudonymiser([KEY]).of_civic_number(CHILD)


def test_without_a_century_the_latest_that_has_passed_is_meant_and_a_plus_goes_one_back():
    assert normal_civic_number(ADULT[2:], today=TODAY) == ADULT
    assert normal_civic_number(f"{CHILD[2:8]}+{CHILD[8:]}", today=TODAY) == "19" + CHILD[2:]
    assert normal_civic_number(CHILD[2:], today=dt.date(2012, 1, 1)) == "19" + CHILD[2:]


def test_coordination_and_temporary_numbers_are_numbers():
    assert normal_civic_number(COORDINATION) == COORDINATION
    assert normal_civic_number("20130101-tf01") == TEMPORARY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Anna",
        "99990001",
        "212000-3005",
        CHILD[:-1] + str((int(CHILD[-1]) + 1) % 10),
        "20131312" + CHILD[8:],
        "20130230" + CHILD[8:],
        CHILD + "1",
        "20131301TF01",
        "1300412-2383",
    ],
)
def test_what_is_no_identity_number_has_no_pseudonym(text: str):
    assert Pseudonymiser([KEY]).of_civic_number(text) is None


def test_a_pseudonym_is_the_first_half_of_the_hmac_of_every_key_in_turn():
    first = hmac.new(KEY, f"civic:{CHILD}".encode(), sha256).hexdigest()[:32]
    second = hmac.new(OTHER, first.encode(), sha256).hexdigest()[:32]
    assert Pseudonymiser([KEY]).of_civic_number(CHILD) == first
    assert Pseudonymiser([KEY, OTHER]).of_civic_number(CHILD) == second
    assert Pseudonymiser([OTHER]).again(first) == second


def test_an_id_and_a_number_of_the_same_text_are_two_persons_and_case_does_not_matter():
    pseudonymiser = Pseudonymiser([KEY])
    assert pseudonymiser.of_person_id(CHILD) != pseudonymiser.of_civic_number(CHILD)
    assert pseudonymiser.of_person_id("AB-12") == pseudonymiser.of_person_id("ab-12")
    assert Pseudonymiser([OTHER]).of_person_id("ab-12") != pseudonymiser.of_person_id("ab-12")


def test_without_a_key_there_are_no_pseudonyms_and_a_key_never_shows():
    with pytest.raises(ValueError):
        Pseudonymiser([])
    assert "kkkk" not in repr(Pseudonymiser([KEY]))


@pytest.mark.parametrize(
    "text",
    [
        f"Stödgrupp {CHILD[:8]}-{CHILD[8:]}",
        f"pnr{CHILD}.",
        f"({CHILD[2:8]} {CHILD[8:]})",
        f"{CHILD[2:8]}+{CHILD[8:]}",
        f"{CHILD[2:8]} – {CHILD[8:]}",
        f"{CHILD[2:8]}\u00a0{CHILD[8:]}",
        f"1234567890 {ADULT}",
        COORDINATION,
        f"elev {TEMPORARY} ny",
    ],
)
def test_an_identity_number_is_found_in_any_text(text: str):
    assert contains_personal_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Klass 7B 2026/27",
        "212000-3005",
        "018-727 00 00",
        "99990001 99990002",
        "2026-11-20 08:15:00",
        f"{CHILD[:-1]}{(int(CHILD[-1]) + 1) % 10}",
        f"1{CHILD}",
        "5c201bc6-9aa2-462c-a602-b5df5e2bcfaa",
        "20131301TF01",
    ],
)
def test_other_numbers_are_left_alone(text: str):
    assert not contains_personal_number(text)


@given(
    born=st.dates(dt.date(1900, 1, 1), dt.date(2026, 11, 1)),
    serial=st.integers(0, 999),
    sign=st.sampled_from(["", "-", " "]),
    around=st.tuples(st.text("ab ÅÄÖ.,(", max_size=9), st.text("ab ÅÄÖ.,)", max_size=9)),
)
def test_every_number_is_read_and_found(born, serial, sign, around):
    nine = f"{born:%y%m%d}{serial:03d}"
    number = f"{born:%Y%m%d}"[:2] + nine + luhn_digit(nine)
    written = f"{number[:8]}{sign}{number[8:]}"
    assert normal_civic_number(written) == number
    assert contains_personal_number(around[0] + written + around[1])
    assert contains_personal_number(around[0] + written[2:] + around[1])
