"""An entry in DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/): pure functions to nodes.

A dataset and each of its versions are datasets; versions are chained as DCAT 3 does it (section 11): hasVersion,
isVersionOf, previousVersion. Each is named by a place on its page (``#dataset``), since the page is a document and
the dataset is none. Distributions of what not everybody may have carry no downloadURL: their accessURL is the page
that says how to be given access.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from catalog.protocols.citation.styles import cited
from catalog.protocols.dcat import vocabulary
from catalog.protocols.dcat.graph import Iri, Literal, Node, Possible, iri, moment, named, node, number, text
from catalog.protocols.entry import Entry, EntryFile, EntryTable

SHA256 = named("spdx:checksumAlgorithm_sha256")


def dataset_nodes(entry: Entry) -> list[Node]:
    """The dataset as it is now, with the distributions of the version that the entry has."""
    more: list[Possible] = [
        ("dct:issued", moment(entry.issued)),
        ("dct:modified", moment(entry.modified)),
        ("dcat:version", text(entry.version.number)),
        ("dcat:hasCurrentVersion", version_iri(entry, entry.version.number)),
    ]
    return [_dataset(entry, entry.page, more), *_around(entry, entry.page), *_distributions(entry, entry.page)]


def chain_nodes(entry: Entry) -> list[Node]:
    """The versions in brief: what hasVersion names is a dataset, of which DCAT-AP wants title and description.

    They stand in the dataset's own document and in no list of datasets: harvesters such as ckanext-dcat's take each
    dcat:Dataset that they meet for one to be listed.
    """
    versions = [(number, version_iri(entry, number)) for number in entry.numbers]
    return [
        node(dataset_iri(entry), [], [("dcat:hasVersion", version) for _, version in versions]),
        *(
            node(
                version,
                ["dcat:Dataset"],
                [
                    ("dct:title", text(f"{entry.title}, version {number}")),
                    ("dct:description", text(entry.summary)),
                    ("dcat:version", text(number)),
                    ("dcat:isVersionOf", dataset_iri(entry)),
                ],
            )
            for number, version in versions
            if version is not None
        ),
    ]


def version_nodes(entry: Entry) -> list[Node]:
    """The version that the entry has, as it was published, and its place among the others."""
    version = entry.version
    page = entry.version_page(version.number)
    more: list[Possible] = [
        ("dct:issued", moment(version.published_at)),
        ("dcat:version", text(version.number)),
        ("adms:versionNotes", text(version.note)),
        ("dcat:isVersionOf", dataset_iri(entry)),
        ("dct:isVersionOf", dataset_iri(entry)),
        ("dcat:previousVersion", version_iri(entry, version.previous)),
        ("dct:replaces", version_iri(entry, version.previous)),
        ("dct:isReplacedBy", version_iri(entry, version.newer)),
    ]
    if version.withdrawn_at is not None:
        more.append(("rdfs:comment", text(f"Withdrawn on {version.withdrawn_at:%Y-%m-%d}: {version.withdrawn_reason}")))
    return [_dataset(entry, page, more), *_around(entry, page), *_distributions(entry, page)]


def dataset_iri(entry: Entry) -> Iri:
    """The name of the dataset."""
    return iri(f"{entry.page}#dataset")


def version_iri(entry: Entry, number: str) -> Iri | None:
    """The name of one of its versions; None for no number."""
    return iri(f"{entry.version_page(number)}#dataset") if number else None


def publisher_iri(entry: Entry) -> Iri:
    """The name of the organization."""
    return iri(f"{entry.publisher_page}#organization")


def _publisher(entry: Entry) -> list[Node]:
    page = iri(entry.publisher_page)
    said: list[Possible] = [("foaf:name", text(entry.publisher)), ("foaf:homepage", page)]
    return [node(publisher_iri(entry), ["foaf:Agent", "foaf:Organization"], said), node(page, ["foaf:Document"], [])]


def _dataset(entry: Entry, page: str, more: Iterable[Possible]) -> Node:
    statements: list[Possible] = [
        ("dct:title", text(entry.title)),
        ("dct:description", text(entry.summary)),
        ("dct:identifier", text(page)),
        ("dct:publisher", publisher_iri(entry)),
        ("dcat:contactPoint", _contact(entry)),
        ("dct:accessRights", vocabulary.access_right(entry)),
        ("dct:license", iri(entry.license.url) if entry.license else None),
        ("dct:accrualPeriodicity", vocabulary.frequency(entry)),
        ("dct:conformsTo", iri(entry.conforms_to) if entry.conforms_to else None),
        ("dcat:landingPage", iri(page)),
        ("dct:bibliographicCitation", text(cited(entry, "datacite"))),
        ("dqv:hasQualityMetadata", _quality(entry)),
        ("dct:provenance", _provenance(entry)),
        *more,
    ]
    if entry.embargo_until is not None:
        statements.append(("dct:available", moment(entry.embargo_until)))
    if entry.successor:
        statements.append(("dct:isReplacedBy", iri(f"{entry.successor}#dataset")))
    statements += [("dcat:keyword", text(word)) for word in entry.keywords]
    statements += [("dcat:distribution", place(entry, file)) for file in _told(entry)]
    # What explains the data is no form of them: DCAT-AP calls it documentation.
    statements += [("foaf:page", _document_iri(entry, file)) for file in _explaining(entry)]
    return node(iri(f"{page}#dataset"), ["dcat:Dataset"], statements)


def _around(entry: Entry, page: str) -> list[Node]:
    """The things that are spoken of beside the dataset."""
    standards = {entry.conforms_to, *(table.conforms_to for table in entry.version.tables)} - {""}
    found = [*_publisher(entry), node(iri(page), ["foaf:Document"], [])]
    found += vocabulary.typed(vocabulary.access_right(entry), "dct:RightsStatement")
    found += vocabulary.typed(vocabulary.frequency(entry), "dct:Frequency")
    found += [node(iri(address), ["dct:Standard"], []) for address in sorted(standards)]
    contact = _contact(entry)
    if contact is not None:
        mail = iri(f"mailto:{entry.contact_email}") if entry.contact_email else None
        fn = text(entry.contact_name or entry.contact_email)
        found.append(node(contact, ["vcard:Kind"], [("vcard:fn", fn), ("vcard:hasEmail", mail)]))
    methods = _provenance(entry)
    if methods is not None:
        found.append(node(methods, ["dct:ProvenanceStatement"], [("rdfs:label", text(entry.methods))]))
    if entry.license is not None:
        kind = ("dct:title", text(entry.license.name)), ("dct:identifier", text(entry.license.id))
        found.append(node(iri(entry.license.url), ["dct:LicenseDocument"], kind))
    for document in _explaining(entry):
        found.append(_document(entry, document))
        found += vocabulary.typed(vocabulary.file_type(document.media_type), "dct:MediaTypeOrExtent")
    return [*found, node(_quality(entry), ["dqv:QualityMetadata"], [])]


def _contact(entry: Entry) -> Iri | None:
    return iri(f"{entry.page}#contact") if entry.contact_name or entry.contact_email else None


def _provenance(entry: Entry) -> Iri | None:
    """How the data came to be: of the version that the entry has, whose words they are. Limits have no term in DCAT."""
    return iri(f"{entry.version_page(entry.version.number)}#methods") if entry.methods else None


def _quality(entry: Entry) -> Iri:
    return iri(f"{entry.version_api(entry.version.number)}/report.dqv.jsonld")


# ---------------------------------------------------------------- files
def _explaining(entry: Entry) -> tuple[EntryFile, ...]:
    return () if entry.version.withdrawn_at is not None else entry.version.documents


def _document_iri(entry: Entry, file: EntryFile) -> Iri:
    """A document's address; where not everybody may have it, its place on the page that says how to be given access."""
    return iri(file.url) if entry.is_open else place(entry, file)


def _document(entry: Entry, file: EntryFile) -> Node:
    said: list[Possible] = [
        ("dct:title", text(file.title or file.name)),
        ("dct:description", text(file.description) if file.description else None),
        ("dct:format", vocabulary.file_type(file.media_type)),
    ]
    return node(_document_iri(entry, file), ["foaf:Document"], said)


def _told(entry: Entry) -> tuple[EntryFile, ...]:
    """Of a withdrawn version no file is served, so that none is told."""
    return () if entry.version.withdrawn_at is not None else entry.version.files


def place(entry: Entry, file: EntryFile) -> Iri:
    """The name of a distribution: a place on the page of its version."""
    return iri(f"{entry.version_page(entry.version.number)}#{file.kind}-{quote(file.name, safe='')}-{file.sha256[:8]}")


def _distributions(entry: Entry, page: str) -> Iterator[Node]:
    tables = {file: table for table in entry.version.tables for file in table.files}
    for file in _told(entry):
        yield _distribution(entry, file, tables[file], page)
        yield _checksum(entry, file)
        yield from vocabulary.typed(vocabulary.file_type(file.media_type), "dct:MediaTypeOrExtent")
        yield from vocabulary.typed(vocabulary.media_type_iri(file.media_type), "dct:MediaType")
    if _told(entry):
        yield node(SHA256, ["spdx:ChecksumAlgorithm"], [])
        yield from vocabulary.concepts(_status(entry), vocabulary.STABLE)


def _status(entry: Entry) -> Iri:
    return vocabulary.DEPRECATED if entry.is_deprecated else vocabulary.COMPLETED


def _distribution(entry: Entry, file: EntryFile, table: EntryTable, page: str) -> Node:
    standard = iri(table.conforms_to) if table.conforms_to and file.kind == "parquet" else None
    what = "" if file.kind == "parquet" else " (as it was uploaded)"
    statements: list[Possible] = [
        ("dct:title", text(f"{file.name}{what}")),
        ("dct:description", text(table.title) if table.title != table.name else None),
        ("dcat:accessURL", iri(file.url if entry.is_open else page)),
        ("dcat:downloadURL", iri(file.url) if entry.is_open else None),
        ("dct:format", vocabulary.file_type(file.media_type)),
        ("dcat:mediaType", vocabulary.media_type_iri(file.media_type)),
        ("dcat:byteSize", number(file.bytes)),
        ("spdx:checksum", iri(f"{place(entry, file).value}-sha256")),
        ("dct:license", iri(entry.license.url) if entry.license else None),
        ("dct:issued", moment(entry.version.published_at)),
        ("dct:conformsTo", standard),
        ("adms:status", _status(entry)),
        ("dcatap:availability", vocabulary.STABLE),
    ]
    return node(place(entry, file), ["dcat:Distribution"], statements)


def _checksum(entry: Entry, file: EntryFile) -> Node:
    said: list[Possible] = [("spdx:algorithm", SHA256), ("spdx:checksumValue", Literal(file.sha256, "xsd:hexBinary"))]
    return node(iri(f"{place(entry, file).value}-sha256"), ["spdx:Checksum"], said)
