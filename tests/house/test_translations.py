"""Every sentence of pages, findings and reports stands in both languages: the catalogue is what the code asks for.

`make messages` brings new sentences into the catalogue and writes the compiled one; what it leaves empty or fuzzy is
for a person. What the code asks for is read here off its syntax, without GNU gettext.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.template import Context, engines
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation

from catalog.web.account.borrowed_sentences import ABOUT_PASSWORDS

ROOT = Path(__file__).parents[2]
APPS = ("catalog", "ingest", "quality", "deploy")
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# What a sentence is called by: context, singular, plural.
Key = tuple[str | None, str, str | None]
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|(?<!%)\{\w+\}")
CHINESE = re.compile(r"[\u3400-\u9fff]")
NAMES = {"CSV", "Great Expectations", "SQL", "Table Schema (JSON)"}
"""What is called the same in every language."""


def catalogue_of(language: str) -> Path:
    name = {"zh-hans": "zh_Hans"}[language]
    return ROOT / "catalog" / "locale" / name / "LC_MESSAGES" / "django.po"


def messages_of(language: str) -> dict[Key, Message]:
    with catalogue_of(language).open("rb") as file:
        found = read_po(file)
    return {key_of(message): message for message in found if message.id}


def key_of(message: Message) -> Key:
    if isinstance(message.id, str):
        return message.context, message.id, None
    return message.context, message.id[0], message.id[1]


def translations_of(message: Message) -> list[str]:
    """One for each plural form of the language."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


# ---------------------------------------------------------------- what the code asks for
def in_code() -> Iterator[tuple[Key, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and (key := _asked(node)):
                    yield key, str(path.relative_to(ROOT))


def _asked(call: ast.Call) -> Key | None:
    """The message that a call translates; None for any other call, and for one that is handed a variable."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    texts = [item.value if isinstance(item, ast.Constant) else None for item in call.args]
    if name in PLAIN and len(texts) == 1 and isinstance(texts[0], str):
        return None, texts[0], None
    if name in PLURAL and isinstance(texts[0], str) and isinstance(texts[1], str):
        return None, texts[0], texts[1]
    if name in WITH_CONTEXT and isinstance(texts[0], str) and isinstance(texts[1], str):
        return texts[0], texts[1], None
    return None


def in_templates() -> Iterator[tuple[Key, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("templates/**/*.*")):
            place, source = str(path.relative_to(ROOT)), path.read_text()
            yield from (((None, text, None), place) for text in re.findall(r'=_\("([^"]+)"\)', source))
            template = engines["django"].from_string(source).template
            for node in template.nodelist.get_nodes_by_type(Node):
                key = None
                if isinstance(node, TranslateNode):
                    context = node.message_context.resolve(Context()) if node.message_context else None
                    key = context, str(node.filter_expression.var.literal).replace("%", "%%"), None
                elif isinstance(node, BlockTranslateNode):
                    plural = node.render_token_list(node.plural)[0] if node.plural else None
                    key = None, node.render_token_list(node.singular)[0], plural
                if key is not None:
                    yield key, place


@pytest.fixture(scope="module")
def asked() -> dict[Key, str]:
    """Every message with a file that asks for it."""
    found = dict([*in_code(), *in_templates()])
    assert len(found) > 1_000
    return found


# ---------------------------------------------------------------- what the catalogue has
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_what_the_code_asks_for_and_nothing_else(language: str, asked: dict[Key, str]) -> None:
    # One catalogue entry serves a message with and without a plural: gettext tells them by the singular.
    known = {(context, text) for context, text, _ in messages_of(language)}
    wanted = {(context, text): place for (context, text, _), place in asked.items()}
    missing = [f"{place}: {key[1]}" for key, place in wanted.items() if key not in known]
    assert missing == [], "run `make messages` and translate what it adds"
    assert sorted(text for context, text in known if (context, text) not in wanted) == [], "run `make messages`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_by_a_person(language: str) -> None:
    messages = messages_of(language)
    assert [key[1] for key, message in messages.items() if not all(translations_of(message))] == []
    assert [key[1] for key, message in messages.items() if message.fuzzy] == []
    same = {key[1] for key, message in messages.items() if not CHINESE.search("".join(translations_of(message)))}
    # What is left is no word: a code, a placeholder, signs between placeholders.
    words = {text for text in same if re.search(r"[A-Za-z]{3}", PLACEHOLDER.sub("", text))}
    assert words == NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_message(language: str) -> None:
    """A translation that names what there is not would break the page; one that leaves something out says less."""
    differing = []
    for (_, singular, plural), message in messages_of(language).items():
        wanted = sorted(set(PLACEHOLDER.findall(plural or singular)))
        for text in translations_of(message):
            if sorted(set(PLACEHOLDER.findall(text))) != wanted:
                differing.append((plural or singular, text))
    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_translation_for_each_plural_form(language: str) -> None:
    with catalogue_of(language).open("rb") as file:
        forms = read_po(file).num_plurals
    counts = {
        len(message.string)
        for message in messages_of(language).values()
        if not isinstance(message.id, str) and not isinstance(message.string, str)
    }
    assert counts == {forms}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_sentences(language: str) -> None:
    """Pages read the compiled one, which is committed beside the other."""
    with catalogue_of(language).open("rb") as file:
        compiled = BytesIO()
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    with catalogue_of(language).with_suffix(".mo").open("rb") as file:
        committed = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(compiled)
    assert _sentences(committed) == _sentences(fresh), "run `make messages`"


def _sentences(catalogue: gettext.GNUTranslations) -> dict[object, str]:
    known: dict[object, str] = vars(catalogue)["_catalog"]
    return {key: text for key, text in known.items() if key != ""}


def test_people_are_addressed_politely() -> None:
    """In Chinese by 您, also by what Django says of passwords (catalog/web/account/borrowed_sentences.py)."""
    familiar = [key for key, found in messages_of("zh-hans").items() if "你" in "".join(translations_of(found))]
    assert familiar == []
    with translation.override("zh-hans"):
        told = [*password_validators_help_texts(), *map(str, ABOUT_PASSWORDS[:1])]
    assert len(told) >= 4
    assert [text for text in told if "您" not in text or "你" in text] == []
