"""The examples in the documents: how they are found, and how a page of them is run as its reader would.

- A block ```` ```console ```` holds commands (``$ …``, going on in lines that are indented by four) and, under each,
  what it prints. ``…`` stands for anything: within a line, or alone on a line for any lines.
- A block ```` ```python title="runs" ````, or one of R, is a program; ```` ```text title="prints" ```` behind it is
  what it prints.
- ``https://commonfield.example`` stands for the site, ``cfd_…`` for a token of the page's reader,
  ``https://data.example`` for a server from which the site imports.
- ``sh``, ``json``, ``text`` and blocks of other languages are read only.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
SITE = "https://commonfield.example"
TOKEN = "cfd_…"
DATA = "https://data.example"
INTERPRETERS = {"python": "python", "r": "Rscript"}
_MARK = "@@example"


@dataclass(frozen=True)
class Block:
    """A fenced block; ``line`` is the line of its fence, from 1."""

    language: str
    title: str
    text: str
    line: int


@dataclass(frozen=True)
class Example:
    """A command of bash and what it should print; None where the page does not say."""

    command: str
    prints: str | None
    line: int


@dataclass(frozen=True)
class Outcome:
    example: Example
    code: int
    printed: str

    @property
    def problem(self) -> str:
        """What is wrong with it, for the person who mends the page; empty when it did as the page says."""
        wanted = self.example.prints
        if self.code != 0:
            reason = f"exit code {self.code}"
        elif wanted is not None and not matches(wanted, self.printed):
            reason = f"it should print\n{wanted}"
        else:
            return ""
        return f"line {self.example.line}: {self.example.command}\n{reason}\nbut it printed\n{self.printed}"


def blocks_of(text: str) -> Iterator[Block]:
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence" and token.map is not None:
            language, _, rest = token.info.strip().partition(" ")
            title = re.search(r'title="([^"]*)"', rest)
            yield Block(language, title[1] if title else "", token.content, token.map[0] + 1)


def examples_of(text: str) -> list[Example]:
    found: list[Example] = []
    for block in blocks_of(text):
        if block.language == "console":
            found += _commands(block)
        elif block.language in INTERPRETERS and block.title == "runs":
            found.append(Example(_program(block), None, block.line))
        elif block.title == "prints":
            program = found.pop()
            found.append(Example(program.command, block.text.rstrip("\n"), program.line))
    return found


def _commands(block: Block) -> Iterator[Example]:
    command: list[str] = []
    printed: list[str] = []
    begun = block.line
    for number, line in enumerate(block.text.splitlines(), start=block.line + 1):
        if command and not printed and line.startswith("    "):
            command.append(line)
        elif line.startswith("$ "):
            if command:
                yield Example("\n".join(command), "\n".join(printed) or None, begun)
            command, printed, begun = [line[2:]], [], number
        else:
            printed.append(line)
    if command:
        yield Example("\n".join(command), "\n".join(printed) or None, begun)


def _program(block: Block) -> str:
    return f"{INTERPRETERS[block.language]} - <<'END_OF_PROGRAM'\n{block.text}END_OF_PROGRAM"


def matches(wanted: str, printed: str) -> bool:
    """Whether it printed what the page says; how wide the columns of a table are does not count."""
    lines = []
    for line in wanted.splitlines():
        lines.append(r"(?:.*\n)*" if line.strip() == "…" else re.escape(_narrow(line)).replace("…", ".*") + r"\n")
    shown = "".join(f"{_narrow(line)}\n" for line in printed.splitlines())
    return re.fullmatch("".join(lines), shown) is not None


def _narrow(line: str) -> str:
    return re.sub(r" {2,}", " ", line).rstrip()


def run_page(
    text: str, *, folder: Path, site: str, token: str, data: str, environment: Mapping[str, str]
) -> list[Outcome]:
    """Run all examples of a page in one shell, in order, in ``folder``; one that fails does not stop the others."""
    stands_for = {SITE: site, TOKEN: token, DATA: data}
    examples = examples_of(text)
    script = ["exec 2>&1"]
    for example in examples:
        command = _replaced(example.command, stands_for)
        script += [command, f'printf "\\n{_MARK} %s\\n" $?']
    tools = Path(sys.executable).parent
    variables = {**environment, "PATH": f"{tools}:{environment['PATH']}", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    pieces = re.split(rf"\n{_MARK} (\d+)\n", done.stdout)
    back = {there: here for here, there in stands_for.items()}
    answers = zip(pieces[0::2], pieces[1::2], strict=False)
    outcomes = [
        Outcome(example, int(code), _replaced(printed, back).rstrip("\n"))
        for example, (printed, code) in zip(examples, answers, strict=False)
    ]
    assert len(outcomes) == len(examples), f"the shell ended early: {done.stdout[-500:]}"
    return outcomes


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text
