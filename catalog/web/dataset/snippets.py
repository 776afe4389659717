"""The lines that load a version elsewhere, for copying. Each is run against a real site by the tests."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Resource
from catalog.web.dataset.head import Head

_BASIC = {"USERNAME": "token", "PASSWORD": "cfd_…"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """``install`` is what has to be there first; ``code`` is exact for this version and table."""

    key: str
    label: str
    code: str
    install: str = ""
    can_choose: bool = False
    """Whether it can load some columns alone."""


def load_line(head: Head, *, site: str) -> Snippet:
    """The shortest way: Commonfield's own package."""
    return _python(head, site, ())


def snippets_of(head: Head, *, site: str, columns: Sequence[str] = ()) -> list[Snippet]:
    """Every way to use the chosen table of the version, or only those ``columns`` of it where a way can choose."""
    if head.resource is None:
        return []
    choosing = [make(head, site, columns) for make in (_python, _pandas, _polars, _duckdb)]
    makers: tuple[Callable[[Head, str], Snippet], ...] = (_cli, _curl)
    # The protocols know published versions only.
    protocols = () if head.is_open else (_huggingface, _delta_sharing, _croissant, _pooch)
    return [
        *choosing,
        *(make(head, site) for make in makers),
        _r(head, site, columns),
        *(make(head, site) for make in protocols),
    ]


def _urls(head: Head, site: str) -> list[str]:
    resource = _resource(head)
    base = f"{site}{head.api}/resources/{resource.name}"
    parts = list(resource.parts.all())
    if len(parts) == 1:
        return [f"{base}.parquet"]
    return [f"{base}/parts/{part.position}.parquet" for part in parts]


def _resource(head: Head) -> Resource:
    if head.resource is None:
        raise ValueError("snippets are made of a version with a table")
    return head.resource


def _version(head: Head) -> str:
    return head.version.address if head.version is not None else "latest"


def _python(head: Head, site: str, columns: Sequence[str]) -> Snippet:
    named = f', resource="{_resource(head).name}"' if len(head.resources) > 1 else ""
    token = ', token="cfd_…"' if head.needs_token else ""
    code = (
        "import commonfield\n\n"
        f'site = commonfield.Client("{site}"{token})\n'
        f'df = site.load("{head.id}", version="{_version(head)}"{named}{_chosen(columns)})'
    )
    return Snippet("python", "Python", code, 'pip install "commonfield[pandas]"', can_choose=True)


def _chosen(columns: Sequence[str]) -> str:
    """The argument that pandas, our own package and others understand alike."""
    return f", columns={json.dumps(list(columns), ensure_ascii=False)}" if columns else ""


def _listed(head: Head, site: str) -> str:
    urls = _urls(head, site)
    return json.dumps(urls[0]) if len(urls) == 1 else json.dumps(urls, indent=4)


def _pandas(head: Head, site: str, columns: Sequence[str]) -> Snippet:
    options = ', storage_options={"Authorization": "Bearer cfd_…"}' if head.needs_token else ""
    options = _chosen(columns) + options
    urls = _urls(head, site)
    if len(urls) == 1:
        code = f"import pandas as pd\n\ndf = pd.read_parquet({json.dumps(urls[0])}{options})"
    else:
        code = (
            f"import pandas as pd\n\nurls = {_listed(head, site)}\n"
            f"df = pd.concat([pd.read_parquet(url{options}) for url in urls], ignore_index=True)"
        )
    return Snippet("pandas", "pandas", code, "pip install pandas pyarrow", can_choose=True)


def _polars(head: Head, site: str, columns: Sequence[str]) -> Snippet:
    named = f', resource="{_resource(head).name}"' if len(head.resources) > 1 else ""
    token = ', token="cfd_…"' if head.needs_token else ""
    code = (
        "import commonfield\n\n"
        f'site = commonfield.Client("{site}"{token})\n'
        f'df = site.load("{head.id}", version="{_version(head)}"{named}{_chosen(columns)}, as_="polars")'
    )
    return Snippet("polars", "polars", code, 'pip install "commonfield[polars]"', can_choose=True)


def _duckdb(head: Head, site: str, columns: Sequence[str]) -> Snippet:
    urls = _urls(head, site)
    source = f"'{urls[0]}'" if len(urls) == 1 else "read_parquet([{}])".format(", ".join(f"'{u}'" for u in urls))
    secret = "CREATE SECRET (TYPE http, BEARER_TOKEN 'cfd_…');\n" if head.needs_token else ""
    what = ", ".join(_sql_name(name) for name in columns) or "*"
    return Snippet("duckdb", "DuckDB", f"{secret}SELECT {what} FROM {source} LIMIT 10;", can_choose=True)


def _sql_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cli(head: Head, site: str) -> Snippet:
    named = f" --resource {_resource(head).name}" if len(head.resources) > 1 else ""
    download = f"download {head.id} --version {_version(head)}{named} --to data"
    # Whoever signs in is asked for a token, which open data do not need.
    code = f"commonfield --url {site} {download}"
    if head.needs_token:
        code = f"commonfield login {site}\ncommonfield {download}"
    return Snippet("cli", _("Command line"), code, "pip install commonfield")


def _curl(head: Head, site: str) -> Snippet:
    parts = list(_resource(head).parts.all())
    token = ' -H "Authorization: Bearer $COMMONFIELD_TOKEN"' if head.needs_token else ""
    lines = []
    for part, url in zip(parts, _urls(head, site), strict=True):
        name = _file_name(head, part.position, several=len(parts) > 1)
        lines.append(f"curl -fL{token} -o {name} {shlex.quote(url)}")
        lines.append(f'echo "{part.sha256}  {name}" | sha256sum -c')
    return Snippet("curl", "curl", "\n".join(lines))


def _r(head: Head, site: str, columns: Sequence[str]) -> Snippet:
    headers = ', headers = c(Authorization = "Bearer cfd_…")' if head.needs_token else ""
    parts = list(_resource(head).parts.all())
    names, lines = [], []
    for part, url in zip(parts, _urls(head, site), strict=True):
        name = _file_name(head, part.position, several=len(parts) > 1)
        names.append(json.dumps(name))
        lines.append(f'download.file("{url}", {json.dumps(name)}, mode = "wb"{headers})')
    wanted = f"c({', '.join(json.dumps(name, ensure_ascii=False) for name in columns)})" if columns else ""
    if len(names) > 1:
        opened = f"arrow::open_dataset(c({', '.join(names)}))" + (f"[, {wanted}]" if wanted else "")
    else:
        opened = f"arrow::read_parquet({names[0]}{', col_select = ' + wanted if wanted else ''})"
    code = "\n".join([*lines, f"df <- {opened}"])
    return Snippet("r", "R", code, 'install.packages("arrow")', can_choose=True)


def _file_name(head: Head, position: int, *, several: bool) -> str:
    name = _resource(head).name
    return f"{name}-{position:05d}.parquet" if several else f"{name}.parquet"


# ---------------------------------------------------------------- protocols
def _huggingface(head: Head, site: str) -> Snippet:
    token = ', token="cfd_…"' if head.needs_token else ""
    code = (
        f'import os\n\nos.environ["HF_ENDPOINT"] = "{site}/hf"  # before datasets is imported\n\n'
        "from datasets import load_dataset\n\n"
        f'ds = load_dataset("{head.id}", "{_resource(head).name}", revision="{_version(head)}", split="train"{token})'
    )
    return Snippet("huggingface", "Hugging Face", code, "pip install datasets")


def _delta_sharing(head: Head, site: str) -> Snippet:
    token = "?token=cfd_…" if head.needs_token else ""
    name = f"{head.dataset.organization.slug}.{head.dataset.slug}.{_resource(head).name}"
    sequence = head.version.sequence if head.version is not None else None
    code = (
        "import delta_sharing\n\n"
        f'table = "{site}/delta-sharing/config.share{token}#{name}"\n'
        f"df = delta_sharing.load_as_pandas(table, version={sequence})  # leave the version out for the newest"
    )
    return Snippet("delta", "Delta Sharing", code, "pip install delta-sharing")


def _croissant(head: Head, site: str) -> Snippet:
    name, parts = _resource(head).name, list(_resource(head).parts.all())
    address = f"{site}{head.api}/croissant.json"
    lines = ["import mlcroissant as mlc", ""]
    if head.needs_token:
        lines = ["import os", "", *lines]
        lines += [f'os.environ["CROISSANT_BASIC_AUTH_{key}"] = "{value}"' for key, value in _BASIC.items()]
        address += "?token=cfd_…"
    lines.append(f'ds = mlc.Dataset("{address}")')
    if len(parts) == 1:
        lines.append(f'rows = list(ds.records("{name}"))')
    else:
        lines.append(f'rows = [row for n in range({len(parts)}) for row in ds.records(f"{name}-{{n}}")]')
    return Snippet("croissant", "Croissant", "\n".join(lines), 'pip install "mlcroissant[parquet]"')


def _pooch(head: Head, site: str) -> Snippet:
    parts = list(_resource(head).parts.all())
    names = [_file_name(head, part.position, several=len(parts) > 1) for part in parts]
    folder = f"{head.id.replace('/', '-')}-{_version(head)}"
    lines = ["import pandas as pd", "import pooch", "", f'version = "{site}{head.api}"']
    how = ""
    if head.needs_token:
        lines.append('by_token = pooch.HTTPDownloader(headers={"Authorization": "Bearer cfd_…"})')
        how = ", downloader=by_token"
    lines += [
        f'files = pooch.create(path=pooch.os_cache("{folder}"), base_url=f"{{version}}/")',
        f'files.load_registry(pooch.retrieve(f"{{version}}/registry.txt", known_hash=None{how}))',
    ]
    if len(names) == 1:
        lines.append(f'df = pd.read_parquet(files.fetch("{names[0]}"{how}))')
    else:
        lines.append(f"names = {json.dumps(names, indent=4)}")
        lines.append(f"df = pd.concat([pd.read_parquet(files.fetch(name{how})) for name in names])")
    return Snippet("pooch", "pooch", "\n".join(lines), "pip install pooch pandas pyarrow")
