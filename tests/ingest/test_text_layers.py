"""Encoding, dialect, layout, lines: how a text is taken apart before any value is looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.text.dialect import Dialect, modal_width, read_records, split_lines
from ingest.text.encoding import detect_encoding
from ingest.text.file import open_text
from ingest.text.layout import find_layout
from ingest.text.lines import LineIndex
from ingest.text.sniff import sniff
from ingest.text.tally import Tally

GERMAN = "Straße;Größe;Maß\r\n" * 3
RUSSIAN = "имя,город\nИван,Москва\nМария,Санкт-Петербург\n" * 3
JAPANESE = "名前,地域\n日本,アジア\n韓国,アジア\n" * 3
CHINESE = "国家,地区\n中国,亚洲\n阿尔及利亚,非洲\n" * 3
KOREAN = "이름,지역\n대한민국,아시아\n" * 3
GREEK = "όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\n" * 3


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("a,b\n1,2\n", "ascii", "utf-8"),
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8-sig", "utf-8-sig"),
        (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        (GERMAN, "cp1252", "cp1252"),
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN, "koi8_r", "koi8_r"),
        (GREEK, "cp1253", "cp1253"),
        (JAPANESE, "shift_jis", "shift_jis"),
        (JAPANESE, "euc_jp", "euc_jp"),
        (CHINESE, "gb18030", "gb18030"),
        (KOREAN, "euc_kr", "euc_kr"),
    ],
)
def test_encoding(tmp_path: Path, text: str, codec: str, name: str) -> None:
    path = tmp_path / "text"
    path.write_bytes(text.encode(codec))
    found = detect_encoding(path, path.read_bytes())
    assert found.name == name
    assert found.exact


def test_two_stray_bytes_are_no_japanese(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a,b\n" + b"plain,text\n" * 50 + b"Universe?\x8c\xe6,x\n")
    assert detect_encoding(path, path.read_bytes()).name == "cp1252"


def test_utf8_with_a_few_broken_lines_stays_utf8(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("é,ü\n".encode() * 20 + b"caf\xe9,x\n" + "ö,ä\n".encode() * 20)
    encoding = detect_encoding(path, path.read_bytes())
    assert (encoding.name, encoding.exact) == ("utf-8", False)
    text = open_text(path, encoding, tmp_path, has_nul=False)
    assert [(item.code, item.line, item.value) for item in text.findings] == [
        ("bytes-not-decoded", 21, "caf\\xe9,x"),
    ]
    assert text.head(1 << 20).decode().split("\n")[20] == "caf\ufffd,x"


def test_nul_bytes_are_taken_out_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a,b\n1\0\0,2\n3,4\n5,\x006\n")
    text = open_text(path, detect_encoding(path, path.read_bytes()), tmp_path, has_nul=True)
    assert text.head(100) == b"a,b\n1,2\n3,4\n5,6\n"
    assert [(item.line, item.params["bytes"]) for item in text.findings] == [(2, 2), (4, 1)]


@pytest.mark.parametrize(
    ("text", "delimiter", "quote"),
    [
        ("a,b\n1,2\n", ",", '"'),
        ("a;b\n1,5;2,5\n", ";", '"'),
        ("a\tb\n1 2\t3\n", "\t", '"'),
        ("'a'|'b'\n'x|y'|'2'\n'it''s'|'3'\n", "|", "'"),
        ('a,b\n"x;y;z","1;2;3"\n"x;y;z","1;2;3"\n', ",", '"'),
        ("name\nAnna\nBert\n", ",", '"'),
        ("sentence\nOne, two and three\nFour\nFive, six, seven\nEight\n", "\x1f", '"'),
        ("title line\n\na;b;c\n1;2;3\n4;5;6\n", ";", '"'),
    ],
)
def test_sniff(text: str, delimiter: str, quote: str) -> None:
    found = sniff(text)
    assert (found.delimiter, found.quote) == (delimiter, quote)


def test_sniff_finds_backslashes_before_quotes() -> None:
    text = 'a,b\n"say \\"x\\", now",1\n"say \\"y\\", now",2\n'
    found = sniff(text)
    assert found.escape == "\\"
    assert found.split('"say \\"x\\", now",1\n') == ['say "x", now', "1"]


def test_split_lines_only_at_line_ends() -> None:
    assert list(split_lines("a\rb\r\nc\n\nd\u2028e")) == ["a\r", "b\r\n", "c\n", "\n", "d\u2028e"]


def test_records_know_their_lines_and_offsets() -> None:
    text = 'é,b\n"x\ny",2\n\n3,4'
    records = read_records(text, Dialect(","), 10)
    assert [(record.fields, record.line) for record in records] == [
        (("é", "b"), 1),
        (("x\ny", "2"), 2),
        ((), 4),
        (("3", "4"), 5),
    ]
    assert [record.end for record in records] == [5, 13, 14, 17]
    assert modal_width(records) == (2, 1.0)


def rows(text: str) -> list[list[str]]:
    return [line.split(",") if line else [] for line in text.split("\n")]


@pytest.mark.parametrize(
    ("text", "first_header", "header_rows", "headers"),
    [
        ("a,b\n1,2\n3,4", 0, 1, ("a", "b")),
        ("x,1\ny,2\nx,3\ny,4", 0, 0, ("", "")),
        ("Adelie,39.1,male\nAdelie,39.5,female\nGentoo,40,male\nGentoo,41,female", 0, 0, ("", "", "")),
        ("district,2021\nAL-1,-31.2\nAL-2,-30.1", 0, 1, ("district", "2021")),
        ("country,1990,2000\nx,1.5,2.5\ny,3.5,4.5", 0, 1, ("country", "1990", "2000")),
        ("Title\n\na,b\n1,2\n3,4", 2, 1, ("a", "b")),
        ("Title,,,\nid,x,y,z\n1,2,3,4\n5,6,7,8", 1, 1, ("id", "x", "y", "z")),
        ("# one, two\n# three, four\na,b\n1,2", 2, 1, ("a", "b")),
        ("#id,name\n1,x\n2,y", 0, 1, ("#id", "name")),
        ("Size,,Weight\nlength,depth,mass\n1,2,3\n4,5,6", 0, 2, ("Size length", "depth", "Weight mass")),
        ("Now,,Then,\nmin,max,min,max\n1,2,3,4", 0, 2, ("Now min", "Now max", "Then min", "Then max")),
        ("mpg,cyl\nMazda,21,6\nDatsun,22,4\nHornet,21,6", 0, 1, ("", "mpg", "cyl")),
        ("a,b\nn.a.,2\n3,4\n5,6", 0, 1, ("a", "b")),
    ],
)
def test_layout(text: str, first_header: int, header_rows: int, headers: tuple[str, ...]) -> None:
    table = rows(text)
    layout = find_layout(table, len(headers))
    assert layout is not None
    assert (layout.first_header, layout.header_rows, layout.headers) == (first_header, header_rows, headers)


def test_a_header_that_is_repeated_in_the_data_is_no_second_header() -> None:
    table = rows("show,season,id\nshow,season,key" + "\n1,13,2\n2,14,3" * 5)
    layout = find_layout(table, 3)
    assert layout is not None
    assert layout.header_rows == 1


@pytest.mark.parametrize(
    "data",
    [
        b"1,2\n3,4\n5,6\n",
        b"1,2\r\n3,4\r\n5,6",
        b"1,2\r3,4\r5,6\r",
        b'1,"x\ny"\n\n\n3,4\n"a\r\nb\r\nc",6\n7,8',
        b'"\n\n\n",2\r\n\r\n3,4\r5,6\n\n',
        b'"he said ""no\nyes""",1\n2,3\n',
    ],
)
@pytest.mark.parametrize("block", [7, 4 << 20])
def test_line_index_agrees_with_counting(
    tmp_path: Path, data: bytes, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.text.lines.BLOCK", block)
    path = tmp_path / "text"
    path.write_bytes(b"header\n" + data)
    records = [item for item in read_records(data.decode(), Dialect(","), 100) if not item.is_blank]
    wanted = np.arange(len(records))
    monkeypatch.setattr("ingest.text.tally.BLOCK", block)
    with Tally(path, 7, '"') as tally:
        tally.advance(9)
        tally.advance(1 << 30)
    assert tally.quotes == data.count(b'"')
    found = LineIndex('"').find(path, 7, 2, len(records), tally.lines, wanted)
    assert found.tolist() == [record.line + 1 for record in records]
    # Some of them only, as findings do.
    assert LineIndex('"').find(path, 7, 2, len(records), None, wanted[1:]).tolist() == found.tolist()[1:]
