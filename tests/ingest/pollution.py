"""Pollutions of a clean table, one at a time, in the manner of the Pollock benchmark.

Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 16(8), 2023, name the ways in which real CSV files
differ from the standard. Each pollution here is a function from a clean table to the bytes of a polluted file and
the cells that a reader ought to find in it. The code and the tables are our own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BaseTable:
    """A clean table: one header and rows of the same width, every cell a text, "" for a missing value."""

    name: str
    header: Row
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        return len(self.header)


@dataclass(frozen=True, slots=True)
class Case:
    """A polluted file. ``header`` is None where the pollution leaves none that could be compared."""

    name: str
    data: bytes
    rows: tuple[Row, ...]
    header: Row | None
    filename: str = "table.csv"


@dataclass(frozen=True, slots=True)
class Style:
    """How a table is written down. ``quoting`` is one of "minimal", "all", "text" and "none"."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    quoting: str = "minimal"
    end: str = "\n"
    final: bool = True
    encoding: str = "utf-8"

    def cell(self, text: str) -> str:
        special = any(mark and mark in text for mark in (self.delimiter, self.quote, "\n", "\r"))
        wanted = {
            "all": True,
            "text": not text.replace(".", "").replace("-", "").isdigit() and text != "",
            "minimal": special or (text == "" and self.delimiter == " "),
            "none": False,
        }[self.quoting]
        if not wanted:
            return text
        inner = text.replace("\\", "\\\\") if self.escape else text
        return self.quote + inner.replace(self.quote, (self.escape or self.quote) + self.quote) + self.quote

    def line(self, cells: Sequence[str]) -> str:
        return self.delimiter.join(map(self.cell, cells))

    def lines(self, table: BaseTable) -> list[str]:
        return [self.line(table.header), *map(self.line, table.rows)]

    def join(self, lines: Sequence[str]) -> bytes:
        text = self.end.join(lines) + (self.end if self.final else "")
        return text.encode(self.encoding)


Pollution = Callable[[BaseTable], Case | None]


def case_of(name: str, table: BaseTable, style: Style, lines: Sequence[str] | None = None) -> Case:
    data = style.join(style.lines(table) if lines is None else lines)
    return Case(f"{name}-{table.name}", data, table.rows, table.header)


def styled(name: str, style: Style) -> Pollution:
    """The whole table in another style."""

    def make(table: BaseTable) -> Case | None:
        if style.quoting == "none":
            table = without(table, style.delimiter, '"', "'", "\n", *(" ",) * (style.delimiter == " "))
        return case_of(name, table, style)

    return make


def without(table: BaseTable, *marks: str) -> BaseTable:
    """The table with the marks taken out of its cells, for styles that have no quotes."""

    def clean(cell: str) -> str:
        for mark in marks:
            cell = cell.replace(mark, "_" if mark == " " else " ").strip()
        return cell or "x" * (" " in marks)

    return replace(table, header=tuple(map(clean, table.header)), rows=tuple(tuple(map(clean, r)) for r in table.rows))


def lines_changed(name: str, change: Callable[[list[str], BaseTable], list[str]], style: Style = Style()) -> Pollution:
    """The file's lines are changed, its table is not."""

    def make(table: BaseTable) -> Case:
        return case_of(name, table, style, change(style.lines(table), table))

    return make


def encoded(name: str, encoding: str, text: str, mark: bytes = b"") -> Pollution:
    """A column of text of the encoding's language is added, and all of it is encoded."""
    words = text.split()

    def make(table: BaseTable) -> Case:
        added = replace(
            table,
            header=(*table.header, words[0]),
            rows=tuple((*row, words[1 + place % (len(words) - 1)]) for place, row in enumerate(table.rows)),
        )
        # What the encoding can't write is left out of the truth as it is left out of the file.
        added = replace(
            added,
            header=tuple(cell.encode(encoding, "ignore").decode(encoding) for cell in added.header),
            rows=tuple(tuple(c.encode(encoding, "ignore").decode(encoding) for c in row) for row in added.rows),
        )
        made = case_of(name, added, Style(encoding=encoding))
        return replace(made, data=mark + made.data)

    return make


def _row_changed(name: str, change: Callable[[Row], Row], truth: Callable[[Row], Row], *places: int) -> Pollution:
    def make(table: BaseTable) -> Case:
        style = Style()
        rows = [change(row) if place in places else row for place, row in enumerate(table.rows)]
        kept = tuple(truth(row) if place in places else row for place, row in enumerate(table.rows))
        lines = [style.line(table.header), *map(style.line, rows)]
        return replace(case_of(name, table, style, lines), rows=kept)

    return make


def no_header(table: BaseTable) -> Case:
    style = Style()
    return replace(case_of("no-header", table, style, style.lines(table)[1:]), header=None)


def two_headers(table: BaseTable) -> Case:
    style = Style()
    group = ["First group" if place == 0 else "Second group" if place == 1 else "" for place in range(table.width)]
    return replace(
        case_of("header-of-two-rows", table, style, [style.line(group), *style.lines(table)]),
        header=None,
    )


def three_headers(table: BaseTable) -> Case:
    style = Style()
    group = ["Survey" if place == 0 else "" for place in range(table.width)]
    units = [f"unit {place}" for place in range(table.width)]
    head = [style.line(group), style.line(table.header), style.line(units)]
    return replace(
        case_of("header-of-three-rows", table, style, [*head, *style.lines(table)[1:]]),
        header=None,
    )


def repeated_names(table: BaseTable) -> Case:
    style = Style()
    header = [table.header[0] if place == table.width - 1 else name for place, name in enumerate(table.header)]
    return replace(
        case_of("header-repeated-name", table, style, [style.line(header), *style.lines(table)[1:]]), header=None
    )


def empty_names(table: BaseTable) -> Case:
    style = Style()
    header = ["" if place == 1 else name for place, name in enumerate(table.header)]
    return replace(
        case_of("header-empty-name", table, style, [style.line(header), *style.lines(table)[1:]]), header=None
    )


def empty_column(table: BaseTable) -> Case:
    rows = tuple((*row[:1], "", *row[1:]) for row in table.rows)
    return case_of(
        "empty-column", replace(table, header=(*table.header[:1], "blank", *table.header[1:]), rows=rows), Style()
    )


def one_column(table: BaseTable) -> Case:
    narrow = replace(table, header=table.header[:1], rows=tuple(row[:1] for row in table.rows))
    return case_of("one-column", narrow, Style())


def one_row(table: BaseTable) -> Case:
    return case_of("one-row", replace(table, rows=table.rows[:1]), Style())


def quoted_empties(table: BaseTable) -> Case:
    return case_of("quoted-empties", table, Style(quoting="all"))


def mixed_encodings(table: BaseTable) -> Case:
    added = replace(
        table,
        header=(*table.header, "where"),
        rows=tuple((*row, "Zürich" if place != 3 else "Malm\ufffd") for place, row in enumerate(table.rows)),
    )
    made = case_of("encoding-mixed", added, Style())
    return replace(made, data=made.data.replace("Malm\ufffd".encode(), b"Malm\xf6"))


def nul_bytes(table: BaseTable) -> Case:
    made = case_of("nul-bytes", table, Style())
    lines = made.data.split(b"\n")
    lines[2] = lines[2][:3] + b"\0\0" + lines[2][3:]
    return replace(made, data=b"\n".join(lines))


def huge_cell(table: BaseTable) -> Case:
    big = "lorem ipsum " * 100_000
    rows = tuple((*row, big.strip() if place == 2 else "small") for place, row in enumerate(table.rows))
    return case_of("huge-cell", replace(table, header=(*table.header, "note"), rows=rows), Style())


def long_header(table: BaseTable) -> Case:
    name = "a very long question " * 50_000
    rows = tuple((*row, "answer") for row in table.rows)
    return case_of("header-of-a-megabyte", replace(table, header=(*table.header, name.strip()), rows=rows), Style())


def fixed_width(table: BaseTable) -> Case:
    clean = without(table, '"', "\n", ",")
    columns = list(zip(clean.header, *clean.rows, strict=True))
    widths = [max(map(len, column)) + 2 for column in columns]
    lines = [
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (clean.header, *clean.rows)
    ]
    return replace(case_of("fixed-width", clean, Style(), lines), filename="table.txt")


def unclosed_quote(table: BaseTable) -> Case:
    """One cell begins with a quote that nothing closes; the truth has it as it stands."""
    rows = tuple((*row, '"seven inch' if place == 3 else "plain") for place, row in enumerate(table.rows))
    wide = replace(table, header=(*table.header, "note"), rows=rows)
    style = Style()
    lines = style.lines(wide)
    lines[4] = style.line(table.rows[3]) + ',"seven inch'
    return case_of("quote-unclosed", wide, style, lines)


def stray_quote(table: BaseTable) -> Case:
    rows = tuple((*row, '5" disc' if place % 4 == 1 else "plain") for place, row in enumerate(table.rows))
    wide = replace(table, header=(*table.header, "note"), rows=rows)
    style = Style()
    lines = [style.line(wide.header)]
    lines += [style.line(row) + "," + wide.rows[place][-1] for place, row in enumerate(table.rows)]
    return case_of("quote-mid-cell", wide, style, lines)


def unescaped_quotes(table: BaseTable) -> Case:
    """Quoted cells whose inner quotes are not doubled: "the "big" one"."""
    rows = tuple((*row, 'the "big" one' if place == 2 else "plain") for place, row in enumerate(table.rows))
    wide = replace(table, header=(*table.header, "note"), rows=rows)
    style = Style()
    lines = [style.line(wide.header)]
    lines += [style.line(row) + ',"' + wide.rows[place][-1] + '"' for place, row in enumerate(table.rows)]
    return case_of("quote-not-escaped", wide, style, lines)


def second_table(table: BaseTable) -> Case:
    style = Style()
    other = ["", "code,label", "A,first", "B,second", "C,third"]
    return case_of("second-table", table, style, [*style.lines(table), *other])


def mixed_ends(table: BaseTable) -> Case:
    style = Style()
    lines = style.lines(table)
    text = "".join(line + ("\n", "\r\n")[place % 2] for place, line in enumerate(lines))
    return replace(case_of("ends-mixed", table, style), data=text.encode())


def mixed_ends_three(table: BaseTable) -> Case:
    style = Style()
    lines = style.lines(without(table, "\n"))
    text = "".join(line + ("\n", "\r\n", "\r")[place % 3] for place, line in enumerate(lines))
    return replace(case_of("ends-mixed-with-cr", without(table, "\n"), style), data=text.encode())


def delimiter_row(table: BaseTable) -> Case:
    rows = (*table.rows[:4], ("",) * table.width, *table.rows[4:])
    return case_of("row-of-delimiters", replace(table, rows=rows), Style())


def spaces_after(table: BaseTable) -> Case:
    lines = [", ".join(Style().cell(cell) for cell in row) for row in (table.header, *table.rows)]
    return case_of("space-after-delimiter", table, Style(), lines)


def trailing_in_rows(table: BaseTable) -> Case:
    lines = Style().lines(table)
    return case_of("delimiter-trailing-in-rows", table, Style(), [lines[0], *(line + "," for line in lines[1:])])


_GERMAN = "Größe Köln Düsseldorf Straße Übung ähnlich schön müde Öl Maß"
_POLISH = "Łódź Gdańsk Kraków Wrocław źródło żółty księga świat ćma ręka"
_RUSSIAN = "Название Москва Казань Новосибирск река дерево книга город поле вода"
_JAPANESE = "名前 東京都 大阪府 北海道 神奈川県 カメラ さくら 日本語 電車 図書館"
_CHINESE = "名称 北京市 上海市 广东省 四川省 数据 学校 图书馆 汽车 中国人民"
_TAIWANESE = "名稱 臺北市 高雄市 資料 學校 圖書館 汽車 中國人民 電腦 國家"
_KOREAN = "이름 서울특별시 부산광역시 대한민국 도서관 학교 자동차 사람 나무 데이터"
_GREEK = "Όνομα Αθήνα Θεσσαλονίκη δέντρο βιβλίο πόλη νερό θάλασσα ήλιος"

_NOTES = ["Quarterly export of the registry", "Generated by the office, all rights reserved", "", "Contact: office"]


def _catalogue() -> dict[str, Pollution]:
    styles = {
        "clean": Style(),
        "delimiter-semicolon": Style(";"),
        "delimiter-tab": Style("\t"),
        "delimiter-pipe": Style("|"),
        "delimiter-space": Style(" "),
        "delimiter-caret": Style("^"),
        "delimiter-tilde": Style("~"),
        "delimiter-colon": Style(":"),
        "delimiter-unit-separator": Style("\x1f"),
        "delimiter-double-pipe": Style("||"),
        "delimiter-double-semicolon": Style(";;"),
        "delimiter-tilde-pipe": Style("~|~"),
        "delimiter-comma-space": Style(", "),
        "quote-single": Style(quote="'"),
        "quote-single-all": Style(quote="'", quoting="all"),
        "quote-all": Style(quoting="all"),
        "quote-text": Style(quoting="text"),
        "quote-none": Style(quoting="none"),
        "quote-none-tab": Style("\t", quoting="none"),
        "quote-none-space": Style(" ", quoting="none"),
        "escape-backslash": Style(escape="\\"),
        "escape-backslash-all": Style(escape="\\", quoting="all"),
        "semicolon-single-backslash": Style(";", "'", "\\", "all"),
        "ends-cr": Style(end="\r"),
        "ends-crlf": Style(end="\r\n"),
        "final-end-missing": Style(final=False),
        "final-end-missing-crlf": Style(final=False, end="\r\n"),
        "encoding-utf8-bom": Style(encoding="utf-8-sig"),
    }
    changes: dict[str, Callable[[list[str], BaseTable], list[str]]] = {
        "final-end-twice": lambda lines, _t: [*lines, ""],
        "preamble-1": lambda lines, _t: [_NOTES[0], *lines],
        "preamble-2": lambda lines, _t: [*_NOTES[:2], *lines],
        "preamble-4": lambda lines, _t: [*_NOTES, *lines],
        "preamble-10": lambda lines, _t: [f"Note {n} on the method" for n in range(10)] + lines,
        "preamble-padded": lambda lines, t: [_NOTES[0] + "," * (t.width - 1), "," * (t.width - 1), *lines],
        "preamble-key-value": lambda lines, _t: ["Source,Statistics office", "Year,2021", "", *lines],
        "blank-lines-before": lambda lines, _t: ["", "", "", *lines],
        "footnote-1": lambda lines, _t: [*lines, "Source: statistics office"],
        "footnotes-after-blank": lambda lines, _t: [*lines, "", "Source: statistics office, 2021", "* provisional"],
        "footnote-padded": lambda lines, t: [*lines, "," * (t.width - 1), "Source: office" + "," * (t.width - 1)],
        "blank-lines-between": lambda lines, _t: [item for line in lines for item in (line, "")],
        "blank-line-after-header": lambda lines, _t: [lines[0], "", *lines[1:]],
        "delimiter-trailing": lambda lines, _t: [line + "," for line in lines],
        "comment-lines": lambda lines, _t: [lines[0], "# measured again", *lines[1:4], "# end of part one", *lines[4:]],
        "comment-lines-first": lambda lines, _t: ["# made by hand", "# version 2", *lines],
        "sep-line": lambda lines, _t: ["sep=,", *lines],
    }
    found: dict[str, Pollution] = {name: styled(name, style) for name, style in styles.items()}
    found |= {name: lines_changed(name, change) for name, change in changes.items()}
    found["sep-line-semicolon"] = lines_changed("sep-line-semicolon", lambda lines, _t: ["sep=;", *lines], Style(";"))
    found |= {
        "encoding-utf16le-bom": encoded("encoding-utf16le-bom", "utf-16-le", _GERMAN, b"\xff\xfe"),
        "encoding-utf16be-bom": encoded("encoding-utf16be-bom", "utf-16-be", _GERMAN, b"\xfe\xff"),
        "encoding-utf16le": encoded("encoding-utf16le", "utf-16-le", _GERMAN),
        "encoding-utf16be": encoded("encoding-utf16be", "utf-16-be", _RUSSIAN),
        "encoding-utf16le-chinese": encoded("encoding-utf16le-chinese", "utf-16-le", _CHINESE, b"\xff\xfe"),
        "encoding-utf32le-bom": encoded("encoding-utf32le-bom", "utf-32-le", _GERMAN, b"\xff\xfe\0\0"),
        "encoding-utf32be": encoded("encoding-utf32be", "utf-32-be", _GERMAN),
        "encoding-cp1252": encoded("encoding-cp1252", "cp1252", _GERMAN),
        "encoding-latin1": encoded("encoding-latin1", "latin-1", _GERMAN),
        "encoding-cp1250": encoded("encoding-cp1250", "cp1250", _POLISH),
        "encoding-cp1251": encoded("encoding-cp1251", "cp1251", _RUSSIAN),
        "encoding-koi8r": encoded("encoding-koi8r", "koi8-r", _RUSSIAN),
        "encoding-cp866": encoded("encoding-cp866", "cp866", _RUSSIAN),
        "encoding-cp1253": encoded("encoding-cp1253", "cp1253", _GREEK),
        "encoding-shift-jis": encoded("encoding-shift-jis", "shift_jis", _JAPANESE),
        "encoding-euc-jp": encoded("encoding-euc-jp", "euc_jp", _JAPANESE),
        "encoding-gb18030": encoded("encoding-gb18030", "gb18030", _CHINESE),
        "encoding-big5": encoded("encoding-big5", "big5", _TAIWANESE),
        "encoding-euc-kr": encoded("encoding-euc-kr", "euc_kr", _KOREAN),
        "cell-missing": _row_changed("cell-missing", lambda row: row[:-1], lambda row: (*row[:-1], ""), 4),
        "cells-missing": _row_changed(
            "cells-missing", lambda row: row[:2], lambda r: (*r[:2], *("",) * len(r[2:])), 1, 5
        ),
        "cell-extra": _row_changed("cell-extra", lambda row: (*row, "extra"), lambda row: row, 4),
        "cells-extra": _row_changed("cells-extra", lambda row: (*row, "more", "extra"), lambda row: row, 0, 6),
        "last-row-cut": _row_changed("last-row-cut", lambda r: r[:1], lambda r: (r[0], *("",) * len(r[1:])), 19),
    }
    others: dict[str, Pollution] = {
        "no-header": no_header,
        "header-of-two-rows": two_headers,
        "header-of-three-rows": three_headers,
        "header-repeated-name": repeated_names,
        "header-empty-name": empty_names,
        "header-of-a-megabyte": long_header,
        "empty-column": empty_column,
        "one-column": one_column,
        "one-row": one_row,
        "quoted-empties": quoted_empties,
        "encoding-mixed": mixed_encodings,
        "nul-bytes": nul_bytes,
        "huge-cell": huge_cell,
        "fixed-width": fixed_width,
        "quote-unclosed": unclosed_quote,
        "quote-mid-cell": stray_quote,
        "quote-not-escaped": unescaped_quotes,
        "second-table": second_table,
        "ends-mixed": mixed_ends,
        "ends-mixed-with-cr": mixed_ends_three,
        "row-of-delimiters": delimiter_row,
        "space-after-delimiter": spaces_after,
        "delimiter-trailing-in-rows": trailing_in_rows,
    }
    return found | others


POLLUTIONS: dict[str, Pollution] = _catalogue()
