"""Every rule a delivery can break, in the words its sender reads: what was found, and what to do."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rule:
    """What was found and what the sender should do, as two Swedish sentences."""

    found_sv: str
    remedy_sv: str


_TEMPLATE: Final = "Utgå från mallen: equity deliver templates."

#: Rules about one cell or one row: the row is set aside, the others go on.
ROW_RULES: Final[dict[str, Rule]] = {
    "empty": Rule("Cellen är tom men måste vara ifylld.", "Fyll i cellen."),
    "civic_number": Rule(
        "Cellen innehåller inget giltigt personnummer.",
        "Skriv tolv eller tio siffror; kontrollera siffrorna mot källan.",
    ),
    "shortened_number": Rule(
        "Numret har förlorat siffror, troligen i ett kalkylprogram.",
        "Formatera kolumnen som text och hämta numren på nytt ur källsystemet.",
    ),
    "personal_number": Rule(
        "Cellen innehåller något som ser ut som ett personnummer, i en kolumn där inget får stå.",
        "Ta bort numret.",
    ),
    "unit_code": Rule("Cellen innehåller ingen enhetskod.", "Skriv skolenhetskoden, åtta siffror."),
    "school_year": Rule("Cellen innehåller inget läsår.", "Skriv läsåret som 2025/26."),
    "date": Rule(
        "Cellen innehåller inget datum i godtagen form.", "Skriv datum som 2025-08-19 eller 20250819."
    ),
    "integer": Rule("Cellen innehåller inget heltal.", "Skriv ett heltal med siffror."),
    "number": Rule("Cellen innehåller inget tal.", "Skriv talet med siffror och decimalkomma."),
    "ambiguous_number": Rule(
        "Talet kan läsas på två sätt: tecknet kan skilja tusental eller decimaler.",
        "Skriv tusental med mellanslag eller utan avskiljare.",
    ),
    "share_not_percent": Rule(
        "Talet ser ut som en andel mellan 0 och 1 där procent ska stå.", "Skriv 80 för 80 procent."
    ),
    "out_of_range": Rule("Talet ligger utanför det som är möjligt.", "Kontrollera talet mot källan."),
    "yes_no": Rule("Cellen innehåller varken ja eller nej.", "Skriv ja eller nej."),
    "not_allowed": Rule(
        "Cellen innehåller ett värde som inte finns i mallens lista.", "Välj ett värde ur mallens lista."
    ),
    "pattern": Rule("Texten har inte den form som mallen anger.", "Skriv som i mallens exempel."),
    "too_long": Rule("Texten är för lång.", "Korta texten."),
    "formula": Rule(
        "Texten börjar med ett tecken som kalkylprogram läser som en formel.",
        "Ta bort tecknet = + - @ eller | i början av cellen.",
    ),
    "spreadsheet_error": Rule("Cellen innehåller ett felvärde från kalkylprogrammet.", "Rätta formeln."),
    "unprintable": Rule(
        "Cellen innehåller styrtecken eller trasiga bokstäver.", "Hämta raden på nytt ur källsystemet."
    ),
    "cell_count": Rule(
        "Raden har inte lika många celler som rubrikraden.",
        "Kontrollera om ett skiljetecken står inne i en text utan citattecken.",
    ),
    "quoting": Rule("Citattecknen på raden går inte jämnt upp.", "Ta bort eller dubblera citattecknet."),
    "repeated_header": Rule("Rubrikraden står en gång till bland raderna.", "Ta bort raden."),
    "merged_cells": Rule("Raden har sammanfogade celler.", "Dela cellerna och fyll i varje rad."),
    "contradiction": Rule(
        "En annan rad i filen har samma nyckel men andra uppgifter.",
        "Behåll den rad som stämmer och ta bort den andra.",
    ),
}

#: Rules about the file: nothing of it is loaded, and what was loaded before stands.
FILE_RULES: Final[dict[str, Rule]] = {
    "empty_file": Rule("filen är tom", f"Lämna filen på nytt, med rader. {_TEMPLATE}"),
    "web_page": Rule(
        "filen är en webbsida, kanske en inloggningssida eller ett felmeddelande",
        "Öppna källan, logga in och hämta filen på nytt.",
    ),
    "not_this_file": Rule(
        "filen är varken en textfil (CSV) eller en arbetsbok (.xlsx), eller så är den skadad eller skyddad "
        "med lösenord",
        "Spara som .xlsx eller CSV UTF-8 utan lösenord och lämna filen på nytt.",
    ),
    "wrong_encoding": Rule(
        "filens teckenkodning känns inte igen", "Spara som CSV UTF-8 eller .xlsx och lämna filen på nytt."
    ),
    "garbled_letters": Rule(
        "å, ä och ö har förvanskats i en tidigare omvandling",
        "Hämta filen på nytt ur källsystemet och spara som CSV UTF-8 eller .xlsx.",
    ),
    "truncated": Rule("filen är avhuggen", "Lämna hela filen på nytt."),
    "too_large": Rule("filen är större än någon rimlig leverans", "Kontrollera filen och dela upp den."),
    "wrong_sheet": Rule(
        "arbetsboken har flera blad och inget av dem heter Data", "Lägg raderna på bladet Data som i mallen."
    ),
    "unknown_kind": Rule(
        "rubrikraden liknar ingen av mallarna",
        f"Kontrollera att rubrikerna står på första raden. {_TEMPLATE}",
    ),
    "missing_column": Rule("kolumnen saknas eller har ett annat namn", _TEMPLATE),
    "doubled_column": Rule("kolumnen finns två gånger", "Ta bort den ena."),
    "no_rows": Rule("det finns inga rader under rubrikraden", "Fyll i rader och lämna filen på nytt."),
    "no_sound_rows": Rule("ingen rad gick att läsa", "Rätta raderna nedan och lämna filen på nytt."),
    "personal_number_in_name": Rule(
        "filens eller mappens namn innehåller något som ser ut som ett personnummer",
        "Döp om filen och lämna den på nytt.",
    ),
    "withdrawn": Rule(
        "filens uppgifter har återtagits av den som driver datalagret",
        "Ta bort filen ur mappen och lämna rätt fil. Den som driver datalagret kan säga varför.",
    ),
    "unreadable": Rule("filen gick inte att öppna", "Kontrollera filens rättigheter och lämna den på nytt."),
    "still_growing": Rule("filen skrevs medan den lästes", "Inget: filen läses vid nästa körning."),
}
