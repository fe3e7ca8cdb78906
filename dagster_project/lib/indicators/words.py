"""What the codes of the indicator catalogue are called in Swedish."""

from typing import Final

AREAS_SV: Final = {
    "quality_work": "Systematiskt kvalitetsarbete",
    "resources": "Resurser",
    "competence": "Kompetens",
    "segregation": "Segregation",
    "teaching_quality": "Undervisningens kvalitet",
}
UNITS_SV: Final = {
    "percent": "procent",
    "percentage_points": "procentenheter",
    "percent_of_variance": "procent av variansen",
    "points": "poäng",
    "grade_points": "betygspoäng",
    "index_0_10": "index 0–10",
    "index": "index",
    "ratio": "kvot",
    "per_100": "per 100",
    "kronor": "kronor",
    "sek_per_pupil": "kronor per elev",
    "days_per_month": "dagar per barn och månad",
}
BETTER_SV: Final = {
    "higher": "högre värde",
    "lower": "lägre värde",
    "neutral": "varken högre eller lägre",
}
POPULATIONS_SV: Final = {
    "municipality_location": "enheter belägna i kommunen, oavsett huvudman",
    "own_units": "kommunens egna enheter",
}
AUDIENCES_SV: Final = {"public": "alla", "internal": "förvaltningen"}
COUNTED_SV: Final = {
    "pupils": "barn eller elever",
    "answers": "svar",
    "teachers_fte": "heltidstjänster",
    "teachers_heads": "anställda",
}
LEVELS_SV: Final = {
    "unit": "enhet",
    "area": "rektorsområde",
    "organiser": "huvudman",
    "municipality": "kommun",
    "nation": "riket",
}
OPEN_LEVELS: Final = ("unit", "organiser", "municipality", "nation")
OWN_LEVELS: Final = ("unit", "area", "municipality")
