//! `/metrics`: how Atalaya itself is, in Prometheus' format.

use std::sync::atomic::AtomicU64;

use atalaya_api::source::SourceStatus;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::room::Room;

use super::Services;
use super::problem::Fault;

pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::new().routes(routes!(metrics))
}

type Labels = Vec<(&'static str, String)>;

/// The registry of one scrape: everything is asked when it is wanted, nothing is kept twice.
struct Scrape(Registry);

impl Scrape {
    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        let gauge = Gauge::<f64, AtomicU64>::default();
        gauge.set(value);
        self.0.register(name, help, gauge);
    }

    fn counter(&mut self, name: &str, help: &str, value: f64) {
        let counter = Counter::<f64, AtomicU64>::default();
        counter.inc_by(value);
        self.0.register(name, help, counter);
    }

    fn gauges(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, f64)>) {
        let family = Family::<Labels, Gauge<f64, AtomicU64>>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).set(value);
        }
        self.0.register(name, help, family);
    }

    fn counters(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, f64)>) {
        let family = Family::<Labels, Counter<f64, AtomicU64>>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).inc_by(value);
        }
        self.0.register(name, help, family);
    }
}

/// Metrics of Atalaya itself, for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "machines",
    responses((status = 200, content_type = "application/openmetrics-text", body = String)))]
async fn metrics(State(services): State<Services>) -> Result<impl IntoResponse, Fault> {
    let text = services.blocking(|services| {
        let mut scrape = Scrape(Registry::with_prefix("atalaya"));
        evaluation(services, &mut scrape);
        events(services, &mut scrape);
        heartbeat(services, &mut scrape);
        far_sources(services, &mut scrape);
        backups(services, &mut scrape);
        store(services, &mut scrape)?;
        ingest(services, &mut scrape);
        checks(services, &mut scrape);
        telling(services, &mut scrape)?;
        let mut text = String::new();
        encode(&mut text, &scrape.0).map_err(|_| Fault::internal())?;
        Ok(text)
    });
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text.await?))
}

fn evaluation(services: &Services, scrape: &mut Scrape) {
    let totals = services.evaluation.totals();
    let version = vec![("version", env!("CARGO_PKG_VERSION"))];
    scrape.0.register("build", "Which Atalaya this is", Info::new(version));
    scrape.gauge("rules", "Enabled rules", totals.rules as f64);
    scrape.gauge("series", "Series of enabled rules", totals.series as f64);
    scrape.gauge("lateness_seconds", "How late the last cycle started", totals.lateness_seconds);
    scrape.gauge("overdue_rules", "Rules that are due and not evaluated yet", totals.overdue as f64);
    scrape.counter("evaluations", "Evaluations made", totals.evaluations as f64);
    scrape.counter("evaluation_cpu_seconds", "CPU time of the evaluating thread", totals.cpu_seconds);
    scrape.gauge(
        "questions_open",
        "Questions to sources elsewhere without an answer yet",
        totals.questions_open as f64,
    );
    scrape.gauge("causes", "What stands in the way of judging", services.evaluation.causes().len() as f64);
}

/// From decided to told.
fn events(services: &Services, scrape: &mut Scrape) {
    let totals = services.evaluation.totals();
    scrape.gauge("event_streams", "Open event streams", services.events.clients() as f64);
    scrape.gauge(
        "event_lag_seconds",
        "From the start of the cycle that decided it until the latest event was told",
        totals.event_lag_seconds,
    );
    let waiting = totals.waiting_transitions as f64;
    scrape.gauge("waiting_transitions", "Transitions that are decided and not written yet", waiting);
}

/// How the sources elsewhere answer.
fn far_sources(services: &Services, scrape: &mut Scrape) {
    let (mut up, mut answers, mut faults, mut seconds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, state) in services.evaluation.far_sources() {
        let labels = vec![("source", id.to_string())];
        up.push((labels.clone(), f64::from(u8::from(state.status != SourceStatus::Down))));
        answers.push((labels.clone(), state.book.answers as f64));
        faults.push((labels.clone(), state.book.faults as f64));
        seconds.push((labels, state.book.seconds));
    }
    scrape.gauges("source_up", "0 while a source elsewhere is down", up);
    scrape.counters("source_answers", "Questions that a source answered", answers);
    scrape.counters("source_faults", "Questions that a source did not answer", faults);
    scrape.counters("source_seconds", "Time from questions to replies", seconds);
}

/// What a watcher outside looks at.
fn heartbeat(services: &Services, scrape: &mut Scrape) {
    let pulse = services.evaluation.pulse();
    let life = services.now().mono.saturating_sub(services.started_mono);
    let age = pulse.age(services.now().mono).unwrap_or(life).as_secs_f64();
    scrape.gauge("heartbeat_age_seconds", "Since the last heartbeat; before the first, since the start", age);
    if let Some(told) = pulse.told {
        let failures = told.failures as f64;
        scrape.counter("heartbeat_failures", "Heartbeats that their address did not take", failures);
    }
}

/// Nothing as long as there is none.
fn backups(services: &Services, scrape: &mut Scrape) {
    if let Some(at) = services.backups.verified_at() {
        let age = services.now().wall.since(at) as f64 / 1_000.0;
        scrape.gauge("backup_age_seconds", "Since the last verified backup was made", age);
    }
}

fn store(services: &Services, scrape: &mut Scrape) -> Result<(), Fault> {
    let health = services.store.health();
    scrape.gauge(
        "store_writable",
        "1 when the store can be written",
        f64::from(u8::from(health.trouble.is_none())),
    );
    scrape.counter("commits", "Commits to the store", health.commits as f64);
    scrape.counter("commit_seconds", "Time spent in commits", health.commit_seconds);
    scrape.gauge("last_commit_seconds", "Time of the last commit", health.last_commit_seconds);
    if let Ok(room) = Room::of(&services.config.data) {
        scrape.gauge("disk_free_bytes", "Room left on the disk of the data", room.free as f64);
        scrape.gauge("disk_total_bytes", "Size of the disk of the data", room.total as f64);
    }
    let counts = services.store.counts()?;
    let by_severity = [
        ("critical", counts.critical),
        ("major", counts.major),
        ("unknown", counts.unknown),
        ("warning", counts.warning),
    ];
    let labelled = by_severity.map(|(name, count)| (vec![("severity", name.to_owned())], count as f64));
    scrape.gauges("active_alarms", "Active alarms", labelled);
    Ok(())
}

fn ingest(services: &Services, scrape: &mut Scrape) {
    let (mut samples, mut refused) = (Vec::new(), Vec::new());
    for source in services.sources.list("en") {
        for input in source.inputs {
            let labels = vec![("source", source.id.clone()), ("input", input.name.clone())];
            for one in &input.refused {
                let mut labels = labels.clone();
                labels.push(("reason", one.reason.clone()));
                refused.push((labels, one.count as f64));
            }
            samples.push((labels, input.samples as f64));
        }
    }
    scrape.counters("samples", "Samples taken in", samples);
    scrape.counters("refused_lines", "Lines and samples that were refused", refused);
}

fn checks(services: &Services, scrape: &mut Scrape) {
    let (mut evaluations, mut failures, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for check in services.checks.list() {
        let labels = vec![("check", check.name)];
        evaluations.push((labels.clone(), check.evaluations as f64));
        cpu.push((labels.clone(), check.cpu_seconds));
        for (reason, count) in check.failures {
            let mut labels = labels.clone();
            labels.push(("reason", reason));
            failures.push((labels, count as f64));
        }
    }
    scrape.counters("check_evaluations", "Evaluations of a check", evaluations);
    scrape.counters("check_failures", "Failed evaluations of a check", failures);
    scrape.counters("check_cpu_seconds", "CPU time of a check", cpu);
}

/// The messages for each receiver.
fn telling(services: &Services, scrape: &mut Scrape) -> Result<(), Fault> {
    let now = services.now().wall;
    let (mut queued, mut age, mut dead) = (Vec::new(), Vec::new(), Vec::new());
    for queue in services.store.queues()? {
        let labels = vec![("receiver", queue.receiver)];
        let oldest = queue.oldest_at.map_or(0, |at| now.since(at).max(0));
        queued.push((labels.clone(), queue.queued as f64));
        age.push((labels.clone(), oldest as f64 / 1_000.0));
        dead.push((labels, queue.dead as f64));
    }
    scrape.gauges("deliveries_queued", "Messages that wait for a receiver or are being sent", queued);
    scrape.gauges("deliveries_oldest_seconds", "Since the oldest of those was made", age);
    scrape.gauges("deliveries_dead", "Messages that could not be sent", dead);
    let (mut delivered, mut failed) = (Vec::new(), Vec::new());
    for (receiver, condition) in services.conditions.all() {
        let labels = vec![("receiver", receiver)];
        delivered.push((labels.clone(), condition.delivered as f64));
        failed.push((labels, condition.failed as f64));
    }
    scrape.counters("deliveries_delivered", "Messages that were delivered", delivered);
    scrape.counters("deliveries_failed", "Tries that failed", failed);
    Ok(())
}
