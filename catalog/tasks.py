"""Tasks of the core: signs of life, the audit trail's chain, mail, decisions' time, what time brings to access."""

from celery import shared_task
from django.conf import settings


@shared_task(name="catalog.beat_heart", soft_time_limit=10, time_limit=15, expires=15)
def beat_heart() -> None:
    """Say that a worker takes messages (readiness looks at it)."""
    from catalog.health import note_worker

    note_worker()


@shared_task(name="catalog.extend_audit_chain", soft_time_limit=240, time_limit=300, expires=30)
def extend_audit_chain() -> None:
    """Link the events that were written since the last time."""
    from catalog.services.audit_chain import extend_chain

    extend_chain()


@shared_task(name="catalog.witness_audit_chain", soft_time_limit=60, time_limit=90, expires=600)
def witness_audit_chain() -> None:
    """Put the chain's newest link into the bucket."""
    from catalog.services.audit_chain import put_witness

    put_witness()


@shared_task(name="catalog.verify_audit_chain", soft_time_limit=6 * 3600, time_limit=6 * 3600 + 60, expires=3600)
def verify_audit_chain() -> None:
    """Hold the whole chain to its events once a day, and shout where it does not fit."""
    import logging

    from catalog.actor import system
    from catalog.services.audit_chain import record_verification, verify_chain

    found = verify_chain()
    record_verification(actor=system(), verification=found)
    if not found.is_whole:
        logging.getLogger(__name__).critical("the audit trail does not fit its chain: %s", found.faults[0])


@shared_task(name="catalog.send_notices", soft_time_limit=240, time_limit=300, expires=30)
def send_notices() -> None:
    """Send the mails that wait."""
    from catalog.services.membership.invitations import send_invitations
    from catalog.services.notifying.notices import send_due

    send_due()
    send_invitations()


@shared_task(name="catalog.carry_out_decision", soft_time_limit=60, time_limit=90)
def carry_out_decision(review_id: int) -> None:
    """Carry out a steward's decision whose seconds to undo it are over."""
    from catalog.services.reviewing.pending import carry_out_due

    carry_out_due([review_id])


@shared_task(name="catalog.sweep_decisions", soft_time_limit=240, time_limit=300, expires=settings.SWEEP_SECONDS)
def sweep_decisions() -> None:
    """Carry out what is due, whether or not its message came."""
    from catalog.services.reviewing.pending import carry_out_due

    carry_out_due()


@shared_task(name="catalog.sweep_access", soft_time_limit=240, time_limit=300, expires=300)
def sweep_access() -> None:
    """Warn of what ends soon, put on record what has ended, expire what nobody answered, and forget old notices."""
    from catalog.actor import system
    from catalog.services.granting.grants import note_ends, warn_of_ends
    from catalog.services.granting.request_expiry import expire_unanswered, warn_of_expiry
    from catalog.services.notifying.notices import purge_old
    from catalog.services.publishing.embargo import note_lifted

    note_ends(actor=system())
    warn_of_ends()
    expire_unanswered(actor=system())
    warn_of_expiry()
    note_lifted(actor=system())
    purge_old()
