"""The months' names, whole and short, in the languages of CLDR that open data are most often written in.

English, German, French, Spanish, Portuguese, Italian, Dutch, Russian, Swedish, Danish, Norwegian and Polish, in
the forms that stand in a date and alone, without their full stop, and those that people write without accents. No
name is two months in two of these languages, so that a column's language need not be known.
"""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = (
    "ene enero gen gennaio jan janeiro januar januari january janv janvier sty stycznia styczeń янв январь января",
    (
        "feb febbraio febrero februar februari february fev fevereiro fevr fevrier lut lutego luty févr "
        "février фев февр февраль февраля"
    ),
    "maart mar marca march marco mars marts marz marzec marzo mrt mrz março mär märz мар март марта",
    "abr abril apr april aprile avr avril kwi kwietnia kwiecień апр апрель апреля",
    "mag maggio mai maio maj maja may mayo mei май мая",
    "cze czerwca czerwiec giu giugno juin jun june junho juni junio июн июнь июня",
    "juil juillet jul julho juli julio july lip lipca lipiec lug luglio июл июль июля",
    "ago agosto aout aug august augusti augustus sie sierpnia août sierpień авг август августа",
    "sep sept september septembre septiembre set setembro settembre wrz wrzesień września сен сент сентябрь сентября",
    "oct october octobre octubre okt oktober ott ottobre out outubro paź październik października окт октябрь октября",
    "lis listopad listopada nov november novembre novembro noviembre ноя нояб ноябрь ноября",
    (
        "dec december decembre des desember dez dezember dezembro dic dicembre diciembre gru grudnia déc "
        "décembre grudzień дек декабрь декабря"
    ),
)

MONTH_OF: Mapping[str, int] = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
"""The number of the month by its name in lower case."""
