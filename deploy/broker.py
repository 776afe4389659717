"""Redis or Valkey as the broker, such that a worker outlives it.

kombu 5.7 closes the channel of a connection that is lost, and later gives back and acknowledges messages through that
very channel: an AttributeError that ends the worker, seen each time the broker dies while a job runs. Here a closed
channel does neither. Nothing is lost by that: a message is a wake-up, and the sweeps find the work by its row.
"""

from __future__ import annotations

from kombu.transport import redis


class Channel(redis.Channel):
    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        if not self.closed:
            super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not self.closed:
            super().basic_reject(delivery_tag, requeue)


class Transport(redis.Transport):
    Channel = Channel
