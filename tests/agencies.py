"""The agencies' interfaces on the loopback, in the shapes a live run meets, with made-up figures."""

import csv
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import prod
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from recording import BUNDLED

from dagster_project.lib.readers.ufa_measures import MEASURES
from dagster_project.lib.sources import kolada, planned_educations, scb, skolenhetsregistret
from dagster_project.lib.sources import underlag_for_analys as ufa
from dagster_project.settings import PROJECT_ROOT

MUNICIPALITY = "0380"
SCHOOL_YEAR, SPRING_YEAR = "2024/25", 2025
SHAPES = PROJECT_ROOT / "tests" / "fixtures" / "answers"

#: path below the source's base address, query, posted JSON -> JSON to answer with, or None for 404
Document = Callable[[str, dict[str, str], Any], Any]


def _unit_codes() -> list[str]:
    """Real school unit codes: those of the bundled final grades."""
    with (BUNDLED / "skolverket/siris/slutbetyg_ak9_2025_skolenhet.csv").open(encoding="utf-8-sig") as file:
        rows = [line.split(";") for line in file]
    return [row[1] for row in rows if len(row) > 3 and row[1].isdigit() and len(row[1]) == 8]


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_ROOT / "seeds" / "reference" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


GRADED = _unit_codes()
LISTED = sorted(GRADED[:120])


def _wrapped(body: Any) -> dict[str, Any]:
    return {"status": "OK", "message": "Success", "body": body}


def _unit(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"Skola {code}",
        "geographicalAreaCode": MUNICIPALITY,
        "principalOrganizerType": "Kommunal",
        "abroadSchool": False,
        "typeOfSchooling": [{"code": "gr", "displayName": "Grundskolan", "schoolYears": ["7", "8", "9"]}],
    }


def _metric(value: str, period: str = SCHOOL_YEAR) -> dict[str, str]:
    return {"value": value, "valueType": "EXISTS", "timePeriod": period}


_SALSA = json.loads((SHAPES / "planned_educations_salsa.json").read_text(encoding="utf-8"))
_SURVEY = json.loads((SHAPES / "pe_v4_nestedsurvey_pupilsgr_sample.json").read_text(encoding="utf-8"))
_REGISTERED = json.loads((SHAPES / "skolenhetsregistret_v2_school_unit.json").read_text(encoding="utf-8"))


def planned_educations_interface(path: str, query: dict[str, str], posted: Any) -> Any:  # noqa: PLR0911
    """Planned Educations v4: list, details, statistics, SALSA, survey."""
    if path == "/v4/school-units":
        page, size = int(query["page"]), int(query["size"])
        units = [_unit(code) for code in LISTED[page * size : (page + 1) * size]]
        pages = {
            "size": size,
            "totalElements": len(LISTED),
            "totalPages": -(-len(LISTED) // size),
            "number": page,
        }
        return _wrapped({"_embedded": {"listedSchoolUnits": units}, "page": pages})
    if path == "/v4/statistics/all-schools/salsa":
        salsa = _SALSA["body"]["compulsorySchoolUnitSalsaMetricList"][0]
        units = [{**salsa, "schoolUnitCode": code} for code in GRADED[:1_400]]
        return _wrapped({"timePeriod": SCHOOL_YEAR, "compulsorySchoolUnitSalsaMetricList": units})
    _, _, _, code, *below = path.split("/")
    if code not in LISTED:
        return None
    match below:
        case []:
            organiser = {"organisationRegistryNumber": "2120003005", "corporationName": "UPPSALA KOMMUN"}
            place = {
                "wgs84_Lat": "59.85",
                "wgs84_Long": "17.63",
                "sweRef_N": "6637000",
                "sweRef_E": "648000",
            }
            return _wrapped({**_unit(code), **organiser, **place})
        case ["statistics", "gr"]:
            years = [f"{year}/{(year + 1) % 100:02}" for year in range(2021, 2026)]
            return _wrapped(
                {
                    "schoolUnit": code,
                    "certifiedTeachersQuota": [_metric("77,7", year) for year in years],
                    "studentsPerTeacherQuota": [_metric("12,9", year) for year in years],
                }
            )
        case ["nestedsurveys", "pupilsgr"]:
            blocks = [{**block, "schoolUnitCode": code} for block in _SURVEY["schoolYearMetrics"]]
            return _wrapped({"schoolYearMetrics": blocks})
    return None


def register_interface(path: str, query: dict[str, str], posted: Any) -> Any:
    """Skolenhetsregistret v2: list and details."""
    if path == "/v2/school-units":
        listed = [{"schoolUnitCode": code, "name": f"Skola {code}", "status": "AKTIV"} for code in LISTED]
        return {"meta": {}, "data": {"type": "schoolunit", "attributes": listed}}
    code = path.rsplit("/", 1)[-1]
    return {**_REGISTERED, "data": {**_REGISTERED["data"], "schoolUnitCode": code}}


OU = [f"V15E{MUNICIPALITY}{number:05}" for number in range(20)]


def kolada_interface(path: str, query: dict[str, str], posted: Any) -> Any:
    """Kolada v3."""
    value = {"gender": "T", "value": 50.5, "status": "", "count": 1, "isdeleted": False}
    match path.split("/")[1:]:
        case ["kpi"]:
            values: list[Any] = [
                {
                    "id": row["kpi_id"],
                    "title": row["title"],
                    "description": "Andel",
                    "is_divided_by_gender": True,
                    "has_ou_data": True,
                }
                for row in _seed("ref_kolada_kpis")
            ]
        case ["municipality_groups"]:
            members = [{"member_id": code, "member_title": code} for code in ("0580", "0680", "1280")]
            values = [
                {"id": group, "title": "Liknande kommuner", "members": list(members)}
                for group in ("G36106", "G36398", "G85992")
            ]
        case ["ou"]:
            values = [{"id": ou, "title": f"Skola {ou}", "municipality": MUNICIPALITY} for ou in OU]
        case ["data", "kpi", kpis, "year", year]:
            values = [
                {"kpi": kpis.split(",")[0], "period": int(year), "municipality": MUNICIPALITY, "values": []}
            ]
        case ["data" | "oudata", "kpi", kpis, what, places, "year", years]:
            values = [
                {"kpi": kpi, "period": int(year), what: place, "values": [value]}
                for kpi in kpis.split(",")
                for place in places.split(",")
                for year in years.split(",")
            ]
        case _:
            return None
    return {"values": values, "next_url": None}


def cube(codes: dict[str, list[str]], labels: dict[str, dict[str, str]], value: float) -> dict[str, Any]:
    return {
        "class": "dataset",
        "id": list(codes),
        "size": [len(listed) for listed in codes.values()],
        "dimension": {
            name: {
                "category": {
                    "index": {code: place for place, code in enumerate(listed)},
                    "label": {code: labels.get(name, {}).get(code, code) for code in listed},
                }
            }
            for name, listed in codes.items()
        },
        "value": [value] * prod(len(listed) for listed in codes.values()),
    }


def scb_interface(path: str, query: dict[str, str], posted: Any) -> Any:
    """SCB PxWebApi 2: population 2024."""
    codes = {
        "Region": [MUNICIPALITY, "0180"],
        "Alder": [str(age) for age in range(100)],
        "Kon": ["1", "2"],
        "Tid": ["2024"],
    }
    if path.endswith("/data"):
        codes = {name: query[f"valueCodes[{name}]"].split(",") for name in codes}
    return cube(codes, {"Region": {MUNICIPALITY: "Uppsala"}}, 1200)


LEVELS = {"00": "RIKET: TOTALT", "2120003005": "UPPSALA KOMMUN (2120003005): HUVUDMAN"} | {
    f"2120003005-{code}": f"UPPSALA KOMMUN (2120003005): Skola å {code} ({code})" for code in LISTED[:20]
}
UFA_PATH = f"/{ufa.BRANCH}/Grundskola/Grundskola.px"


def ufa_interface(path: str, query: dict[str, str], posted: Any) -> Any:
    """Underlag för analys over PxWeb v1: school year 2024/25."""
    if path != UFA_PATH:
        return None
    measures = {str(number): label for number, label in enumerate(MEASURES)}
    if posted is None:
        return {
            "title": "Grundskola",
            "variables": [
                {"code": "variable", "values": list(measures)},
                {"code": "level", "text": "huvudman/skolenhet"},
                {"code": "time", "values": ["2024"]},
            ],
        }
    asked = {variable["code"]: variable["selection"] for variable in posted["query"]}
    codes = {name: selection["values"] for name, selection in asked.items()}
    if asked["level"]["filter"] == "top":
        codes["level"] = list(LEVELS)
    return cube(codes, {"variable": measures, "level": LEVELS, "time": {"2024": SCHOOL_YEAR}}, 9)


INTERFACES: dict[str, Document] = {
    planned_educations.SOURCE.name: planned_educations_interface,
    skolenhetsregistret.SOURCE.name: register_interface,
    kolada.SOURCE.name: kolada_interface,
    scb.SOURCE.name: scb_interface,
    ufa.SOURCE.name: ufa_interface,
}


@dataclass
class _Damage:
    source: str
    where: str
    change: Callable[[bytes], bytes]
    question: str | None = None

    def hits(self, source: str, question: str) -> bool:
        if source != self.source or not question.startswith(self.where.rstrip("*")):
            return False
        self.question = self.question or question
        return self.where.endswith("*") or question == self.question


class Agencies:
    """All live interfaces on one port, each below the name of its source.

    Attributes:
        headers_seen: of every request, in order.
        questions: paths and queries, in order.
        has_changed: what is answered to a question about changes since a day.
    """

    def __init__(self) -> None:
        self._damages: list[_Damage] = []
        self.headers_seen: list[dict[str, str]] = []
        self.questions: list[str] = []
        self.has_changed = True
        self.url = ""

    def addresses(self) -> dict[str, str]:
        """For the setting ``EQUITY_SOURCE_ADDRESSES``."""
        return {source: f"{self.url}/{source}" for source in INTERFACES}

    def damage(self, source: str, where: str, change: Callable[[bytes], bytes]) -> None:
        """Change the answer to the first question of ``source`` that starts with ``where``, whenever asked;
        with a final ``*`` to all such questions.

        A question is path and query, with ``#block`` where PxWeb is asked for a block of cells.
        """
        self._damages.append(_Damage(source, where, change))

    def heal(self) -> None:
        """Answer everything as it is."""
        self._damages.clear()

    def answer(self, target: str, posted: Any) -> bytes | None:
        parts = urlsplit(target)
        _, source, *below = parts.path.split("/")
        document = INTERFACES[source]("/" + "/".join(below), dict(parse_qsl(parts.query)), posted)
        if document is None:
            return None
        if "from_date=" in target:
            return json.dumps(document if self.has_changed else {**document, "values": []}).encode()
        body = json.dumps(document, ensure_ascii=False).encode()
        is_block = posted is not None and posted["query"][1]["selection"]["filter"] == "item"
        question = target.removeprefix(f"/{source}") + ("#block" if is_block else "")
        for damage in self._damages:
            if damage.hits(source, question):
                body = damage.change(body)
        return body


@contextmanager
def running() -> Iterator[Agencies]:
    """The agencies, until the end of the block."""
    agencies = Agencies()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.reply(None)

        def do_POST(self) -> None:
            self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def reply(self, posted: Any) -> None:
            agencies.headers_seen.append(dict(self.headers.items()))
            agencies.questions.append(self.path)
            body = agencies.answer(self.path, posted)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are remembered, not printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    agencies.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield agencies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
