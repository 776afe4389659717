"""All identity numbers of persons, in the order in which they are tried: the least likely by chance first."""

from __future__ import annotations

import re

from quality.personal.detector import Detector, named
from quality.personal.national_ids_europe import EUROPE
from quality.personal.national_ids_world import WORLD

# A column that is called so holds identity numbers of whatever country.
ANY_HEADER: re.Pattern[str] = named(
    "national id|national id number|nationalid|id card|identity card|identity number|identity no|id number|"
    "identification number|personal number|personnummer|personal identity code|personalausweisnummer|ausweisnummer|"
    "citizen id|身份证|身份证号|身份证号码|证件号码|公民身份号码|身分證|個人番号|マイナンバー|주민등록번호|주민번호"
)

NATIONAL_IDS: tuple[Detector, ...] = tuple(
    sorted(
        (detector for scheme in (*EUROPE, *WORLD) for detector in scheme.detectors()),
        key=lambda detector: detector.chance,
    )
)
