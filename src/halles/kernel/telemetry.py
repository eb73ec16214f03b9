"""Traces (OpenTelemetry) and metrics (Prometheus), the names in one place."""

from __future__ import annotations

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import Counter, Gauge, Histogram

tracer = trace.get_tracer("halles")

HTTP_REQUESTS = Counter(
    "halles_http_requests_total", "HTTP requests by route and status", ["route", "status"]
)
HTTP_SECONDS = Histogram(
    "halles_http_request_seconds",
    "Seconds from request to last byte",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSALS = Counter("halles_refusals_total", "Refusals by stable code", ["code"])
INTAKE_BATCH = Histogram(
    "halles_intake_batch_size",
    "Orders decided in one transaction",
    buckets=(1, 2, 5, 10, 25, 50, 100, 200, 300),
)
INTAKE_SECONDS = Histogram(
    "halles_intake_seconds",
    "Seconds from lock to commit of one batch",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
ORDERS = Counter("halles_orders_total", "Orders by outcome", ["outcome"])
PHOTOS = Counter("halles_photos_total", "Photos recognised by outcome", ["outcome"])
PHOTO_SECONDS = Histogram(
    "halles_photo_seconds",
    "Seconds from photo to candidates",
    buckets=(0.01, 0.025, 0.05, 0.08, 0.1, 0.25, 0.5, 1, 2.5),
)
EVENTS = Counter("halles_events_total", "Outbox events by kind and outcome", ["kind", "outcome"])
OUTBOX_LAG = Gauge(
    "halles_outbox_lag_seconds", "Age of the oldest undelivered event", multiprocess_mode="mostrecent"
)
OUTBOX_PARKED = Gauge("halles_outbox_parked", "Events that wait for a person", multiprocess_mode="mostrecent")
OUTBOX_WAITING = Gauge(
    "halles_outbox_waiting", "Events that wait alone for another try", multiprocess_mode="mostrecent"
)
LETTERS_LAG = Gauge(
    "halles_letters_lag_seconds",
    "Age of the oldest mail about an order that is due",
    multiprocess_mode="mostrecent",
)
LETTERS_PARKED = Gauge(
    "halles_letters_parked", "Mails about orders that wait for a person", multiprocess_mode="mostrecent"
)
NATS_WAITING = Gauge(
    "halles_nats_waiting", "Parcels that NATS has not acknowledged yet", multiprocess_mode="mostrecent"
)
NATS_LAG = Gauge(
    "halles_nats_lag_seconds", "Age of the oldest event that NATS lacks", multiprocess_mode="mostrecent"
)
NATS_CONNECTED = Gauge(
    "halles_nats_connected", "1 while the publisher is connected", multiprocess_mode="mostrecent"
)
NATS_EVENTS = Counter("halles_nats_events_total", "Events sent to NATS by outcome", ["outcome"])
REPLICA_LAG = Gauge(
    "halles_replica_lag_seconds",
    "Seconds the replica is behind; NaN while away",
    multiprocess_mode="mostrecent",
)
REPLICA_READS = Counter(
    "halles_replica_reads_total", "Reads that may lag, by the server that answered", ["server"]
)
PAYMENTS_UNCLEAR = Gauge(
    "halles_payments_unclear", "Payments and refunds that wait for a person", multiprocess_mode="mostrecent"
)


def configure(service: str, endpoint: str | None) -> None:
    """Send traces of this process to an OTLP collector over HTTP; without an endpoint spans cost nothing and go nowhere."""
    if endpoint is None:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
    )
    trace.set_tracer_provider(provider)
