"""Units and currencies that stand beside numbers, and the codes by which a schema names them.

A closed table: what people write in tables of data, by the codes of UCUM (https://ucum.org, case-sensitive) and
ISO 4217. A symbol that several currencies share ($, £, ¥, kr) stays the symbol: which one it is is not written
there. Letters that mean other things as often (K, M, C, F) are left out: 10K is no temperature.
"""

from __future__ import annotations

from collections.abc import Mapping

# Active codes of ISO 4217, without those of funds and metals.
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF",
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD",
    "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD",
    "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN",
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY",
    "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG",
)
ISO_CURRENCIES = frozenset(code for line in _CODES for code in line.split())

# Symbols of one currency by its code, and shared ones as themselves.
_SYMBOLS: Mapping[str, str] = {
    "€": "EUR", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND", "₴": "UAH",
    "₦": "NGN", "₱": "PHP", "₲": "PYG", "₡": "CRC", "₵": "GHS", "₸": "KZT", "₾": "GEL", "₼": "AZN", "₮": "MNT",
    "US$": "USD", "R$": "BRL", "A$": "AUD", "C$": "CAD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "S$": "SGD",
    "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "руб": "RUB", "руб.": "RUB", "元": "CNY", "円": "JPY", "원": "KRW",
    "$": "$", "£": "£", "¥": "¥", "kr": "kr", "kr.": "kr",
}  # fmt: skip

_UNITS: Mapping[str, str] = {
    "%": "%", "‰": "[ppth]", "ppm": "[ppm]", "ppb": "[ppb]", "°": "deg", "°C": "Cel", "℃": "Cel", "ºC": "Cel",
    "°F": "[degF]", "℉": "[degF]",
    "nm": "nm", "µm": "um", "μm": "um", "mm": "mm", "cm": "cm", "dm": "dm", "m": "m", "km": "km", "mi": "[mi_i]",
    "ft": "[ft_i]", "yd": "[yd_i]", "mm²": "mm2", "cm²": "cm2", "m²": "m2", "km²": "km2", "m2": "m2", "km2": "km2",
    "cm³": "cm3", "m³": "m3", "km³": "km3", "m3": "m3", "ha": "har",
    "ml": "mL", "mL": "mL", "cl": "cL", "dl": "dL", "l": "L", "L": "L", "hl": "hL",
    "µg": "ug", "μg": "ug", "mg": "mg", "g": "g", "kg": "kg", "t": "t", "kt": "kt", "lb": "[lb_av]", "lbs": "[lb_av]",
    "oz": "[oz_av]",
    "ms": "ms", "s": "s", "sec": "s", "min": "min", "h": "h", "hrs": "h", "Std": "h", "Std.": "h", "days": "d",
    "Hz": "Hz", "kHz": "kHz", "MHz": "MHz", "GHz": "GHz", "rpm": "{rpm}",
    "m/s": "m/s", "km/h": "km/h", "kmh": "km/h", "mph": "[mi_i]/h", "kn": "[kn_i]", "l/min": "L/min",
    "Pa": "Pa", "hPa": "hPa", "kPa": "kPa", "MPa": "MPa", "bar": "bar", "mbar": "mbar", "psi": "[psi]", "atm": "atm",
    "J": "J", "kJ": "kJ", "MJ": "MJ", "GJ": "GJ", "TJ": "TJ", "PJ": "PJ", "kcal": "kcal",
    "Wh": "W.h", "kWh": "kW.h", "MWh": "MW.h", "GWh": "GW.h", "TWh": "TW.h", "W": "W", "kW": "kW", "MW": "MW",
    "GW": "GW", "kWp": "kW", "V": "V", "mV": "mV", "kV": "kV", "mA": "mA", "A": "A", "Ω": "Ohm", "kΩ": "kOhm",
    "dB": "dB", "lx": "lx", "lm": "lm", "N": "N", "kN": "kN", "Bq": "Bq", "mSv": "mSv",
    "mol": "mol", "mmol": "mmol", "mmol/l": "mmol/L", "mmol/L": "mmol/L", "mg/l": "mg/L", "mg/L": "mg/L",
    "µg/l": "ug/L", "mg/dl": "mg/dL", "mg/dL": "mg/dL", "µg/m³": "ug/m3", "μg/m³": "ug/m3", "mg/m³": "mg/m3",
    "g/km": "g/km", "kg/m³": "kg/m3", "g/cm³": "g/cm3", "W/m²": "W/m2", "kg/ha": "kg/har", "t/ha": "t/har",
    "kB": "kBy", "KB": "kBy", "MB": "MBy", "GB": "GBy", "TB": "TBy", "KiB": "KiBy", "MiB": "MiBy", "GiB": "GiBy",
}  # fmt: skip

# A capital right behind the digits is as often a class or a floor: 5A, 12L. With a space between it is a unit.
NEEDS_SPACE = frozenset(unit for unit in _UNITS if len(unit) == 1 and unit.isascii() and unit.isupper())

CODE_OF: Mapping[str, str] = {**_UNITS, **_SYMBOLS, **{code: code for code in ISO_CURRENCIES}}
"""The unit's code by how it is written."""

BEFORE = frozenset({*_SYMBOLS, *ISO_CURRENCIES})
"""What may stand before a number."""
