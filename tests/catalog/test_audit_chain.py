"""The chain of the audit trail: what is changed, left out, cut off or rewritten behind our backs is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from catalog import audit, keys, storage
from catalog.actor import system
from catalog.models import AuditCheck, AuditEvent, AuditLink
from catalog.services import audit_chain
from catalog.services.audit_chain import extend_chain, head, put_witness, verify_chain
from tests.fixtures.people import Cast


@pytest.fixture
def trail(cast: Cast) -> Iterator[list[AuditEvent]]:
    """Ten linked events, of which one holds all kinds of values; no head of another test lies in the bucket."""
    extend_chain()
    details = [{"n": n} for n in range(9)] + [{"ä": [1.5, None, True, 10**15], "a": {"z": 1, "b": "\u2028\"'"}}]
    events = [
        audit.record(actor=system(), action="thing.done", subject=cast.organization, label=f"№ {n}", **detail)
        for n, detail in enumerate(details)
    ]
    extend_chain()
    yield events
    for key in list(storage.list_keys(keys.AUDIT_HEADS)):
        storage.delete(key)


def behind_our_back(sql: str, *values: object) -> None:
    """As the owner of the tables could do it: with the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'catalog_auditlink'::regclass AND contype = 'f'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE catalog_auditlink DROP CONSTRAINT {name}")
        for change in ("DISABLE", "ENABLE"):
            for table in ("catalog_auditevent", "catalog_auditlink"):
                cursor.execute(f"ALTER TABLE {table} {change} TRIGGER USER")
            if change == "DISABLE":
                cursor.execute(sql, values)


@pytest.mark.django_db
def test_every_event_is_linked_once_and_in_order(trail: list[AuditEvent]) -> None:
    links = list(AuditLink.objects.order_by("position"))
    assert [link.position for link in links] == list(range(1, AuditEvent.objects.count() + 1))
    assert [link.event_id for link in links[-10:]] == [event.pk for event in trail]
    found = verify_chain()
    assert found.is_whole
    assert (found.first, found.last, found.pending) == (1, len(links), 0)
    assert extend_chain() == 0


@pytest.mark.django_db
def test_what_waits_is_counted_and_linked_by_the_next_sweep(trail: list[AuditEvent], cast: Cast) -> None:
    audit.record(actor=system(), action="thing.done", subject=cast.organization)
    assert verify_chain().pending == 1
    assert extend_chain() == 1
    assert verify_chain().pending == 0


@pytest.mark.django_db
def test_a_link_can_be_computed_from_the_documented_json_alone(trail: list[AuditEvent]) -> None:
    event, link = trail[-1], trail[-1].link
    before = AuditLink.objects.get(position=link.position - 1).sha256
    event.refresh_from_db()
    at = event.at.isoformat(timespec="microseconds")
    text = (
        '{"action":"thing.done","actor":null,"address":"","at":' + json.dumps(at) + ',"before":"' + before + '",'
        '"dataset":null,"detail":{"a":{"b":"\u2028\\"\'","z":1},"ä":[1.5,null,true,1000000000000000]},'
        f'"id":{event.pk},"label":"№ 9","object":["organization","{event.object_id}"],"position":{link.position},'
        '"token":null}'
    )
    assert hashlib.sha256(text.encode()).hexdigest() == link.sha256


FORGERIES: dict[str, tuple[str, Callable[[AuditEvent], list[object]], str]] = {
    "its words": ("UPDATE catalog_auditevent SET label = 'x' WHERE id = %s", lambda e: [e.pk], "changed"),
    "a detail": ("UPDATE catalog_auditevent SET detail = '{\"n\": 3.5}' WHERE id = %s", lambda e: [e.pk], "changed"),
    "its time": ("UPDATE catalog_auditevent SET at = at - interval '1us' WHERE id = %s", lambda e: [e.pk], "changed"),
    "who": ("UPDATE catalog_auditevent SET address = '10.0.0.1' WHERE id = %s", lambda e: [e.pk], "changed"),
    "it is gone": ("DELETE FROM catalog_auditevent WHERE id = %s", lambda e: [e.pk], "missing"),
    "its link": (
        "UPDATE catalog_auditlink SET sha256 = repeat('a', 64) WHERE event_id = %s",
        lambda e: [e.pk],
        "changed",
    ),
    "its link is gone": ("DELETE FROM catalog_auditlink WHERE event_id = %s", lambda e: [e.pk], "missing"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_where_it_is(trail: list[AuditEvent], name: str) -> None:
    sql, values, kind = FORGERIES[name]
    victim = trail[4]
    position = victim.link.position
    behind_our_back(sql, *values(victim))
    found = verify_chain()
    assert not found.is_whole
    assert found.faults[0].kind == kind
    assert found.faults[0].position == position
    assert found.faults_count <= 2
    # The links on both sides are still good, and a look at the newest ones alone begins behind it.
    assert verify_chain(newest=4).is_whole


@pytest.mark.django_db
def test_an_end_that_was_cut_off_and_a_chain_that_was_rewritten_are_told_by_the_bucket(
    trail: list[AuditEvent], cast: Cast
) -> None:
    told = put_witness()
    behind_our_back("DELETE FROM catalog_auditlink WHERE event_id = %s", trail[9].pk)
    behind_our_back("DELETE FROM catalog_auditevent WHERE id = %s", trail[9].pk)
    found = verify_chain()
    assert [fault.kind for fault in found.faults] == ["cut"]
    # Somebody puts another event at its place, and links it with our own code.
    audit.record(actor=system(), action="thing.done", subject=cast.organization, label="another")
    extend_chain()
    assert head().position == told.position
    assert [fault.kind for fault in verify_chain().faults] == ["rewritten"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql", ["UPDATE catalog_auditlink SET sha256 = ''", "DELETE FROM catalog_auditlink", "TRUNCATE catalog_auditlink"]
)
def test_the_database_refuses_to_change_links(trail: list[AuditEvent], sql: str, monkeypatch: object) -> None:
    if sql.startswith("TRUNCATE"):
        # Test databases may be emptied, which the trigger knows by their name; its words are what is looked at.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'audit_link_is_never_emptied'")
            assert "BEFORE TRUNCATE ON" in cursor.fetchone()[0]
        return
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_an_event_that_was_begun_earlier_and_commits_later_is_linked_too(cast: Cast) -> None:
    extend_chain()
    entered = []

    def meanwhile() -> None:
        entered.append(audit.record(actor=system(), action="thing.done", subject=cast.organization, label="later").pk)
        entered.append(extend_chain())
        connection.close()

    with transaction.atomic():
        early = audit.record(actor=system(), action="thing.done", subject=cast.organization, label="early")
        thread = Thread(target=meanwhile)
        thread.start()
        thread.join()
    assert entered == [early.pk + 1, 1]
    assert extend_chain() == 1
    assert list(AuditLink.objects.order_by("position").values_list("event_id", flat=True))[-2:] == [
        entered[0],
        early.pk,
    ]
    assert verify_chain().is_whole


@pytest.mark.django_db(transaction=True)
def test_only_one_links_at_a_time(cast: Cast) -> None:
    audit.record(actor=system(), action="thing.done", subject=cast.organization)
    linked = []

    def meanwhile() -> None:
        linked.append(extend_chain())
        connection.close()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [audit_chain._LOCK])
        thread = Thread(target=meanwhile)
        thread.start()
        thread.join()
    assert linked == [0]
    assert extend_chain() >= 1


@pytest.mark.django_db
def test_the_command_says_what_it_found(trail: list[AuditEvent]) -> None:
    put_witness()
    out = StringIO()
    call_command("verify_audit", stdout=out)
    last = head().position
    assert out.getvalue().startswith(f"Events 1 to {last} are as they were written. 1 heads outside")
    behind_our_back("UPDATE catalog_auditevent SET label = 'x' WHERE id = %s", trail[0].pk)
    with pytest.raises(CommandError, match=f"1 of {last} events do not fit"):
        call_command("verify_audit", stdout=out)
    assert f"changed: The event, or the link before it, was changed. (event {trail[0].pk})" in out.getvalue()
    assert [check.faults_count for check in AuditCheck.objects.all()] == [1, 0]
