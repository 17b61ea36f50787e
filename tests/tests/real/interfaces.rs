//! What an operations team moves over: the speeds of 190 interfaces, made in one go and changed together in two requests, over a real
//! Graphite. They raise exactly the alarms that the fed values call for.
//!
//! The usual run takes about a minute; `ATALAYA_FAULTS=full` makes it ten.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use atalaya_tests::client::Client;
use atalaya_tests::dice::Dice;
use atalaya_tests::graphite::{Graphite, JUNOS_STEP};
use atalaya_tests::poll;
use atalaya_tests::server::Server;
use atalaya_tests::stage::{PATIENCE, alarms, evaluations, let_pass, post_rule, text};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::expected::{Step, Terms};
use crate::{cpu_rule_on, post_source, query};

const ROUTERS: usize = 10;
const PORTS: usize = 19;
/// Windows end this long before the scheduled instant: so long a sample may be on its way, s.
const OFFSET: i64 = 4;
const CALM: f64 = 10.0;
/// A slow moment of the machine is not Atalaya's.
const TRIES: usize = 3;

/// What all of them are changed to.
const TERMS: Terms = Terms { thresholds: [60.0, 75.0, 90.0], margin: 5.0, to_alert: 2, to_ok: 3 };

/// One interface of a router.
struct Interface {
    router: String,
    port: String,
}

impl Interface {
    fn all() -> impl Iterator<Item = Interface> {
        let of_router = |router: usize| {
            (1..=PORTS).map(move |port| Interface {
                router: format!("BXBORIN{router}"),
                port: format!("ge-{}_{}_{port}", port % 3, port % 2),
            })
        };
        (1..=ROUTERS).flat_map(of_router)
    }

    fn path(&self) -> String {
        format!("junos.{}.Velocidad_interface.{}", self.router, self.port)
    }

    /// What its query calls it.
    fn series(&self) -> String {
        format!("{}.{}", self.router, self.port)
    }

    /// As the team's script makes it, with the settings of new rules.
    fn rule(&self) -> Value {
        json!({
            "name": format!("A: {}", self.series()), "interval": format!("{JUNOS_STEP}s"),
            "query": {"source": "graphite", "expr": format!("aliasByNode({}, 1, 3)", self.path()), "unit": "%",
                "dashboard": format!("Junos {}", self.router), "panel": "Velocidad interface"},
            "check": {"name": "threshold", "params": {"direction": "above", "critical": 99}},
        })
    }
}

/// Values that stay for one to five checks, on every side of every threshold and on the thresholds themselves; in the end it is calm.
fn values(dice: &mut Dice, count: usize) -> Vec<f64> {
    let mut values = Vec::new();
    while values.len() < count {
        let tenths = match dice.below(8) {
            0 => [600, 750, 900, 570, 855][dice.below(5) as usize],
            1..3 => 100 + dice.below(450),
            _ => 550 + dice.below(450),
        };
        let stay = 1 + dice.below(5) as usize;
        values.extend(std::iter::repeat_n(tenths as f64 / 10.0, stay));
    }
    values.truncate(count);
    values
}

/// Sends each interface one sample a step: calm ones before and after what is planned.
struct Feeder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    plans: BTreeMap<String, Vec<f64>>,
    /// The number of the step in which the plan begins.
    start: AtomicI64,
    sent: AtomicI64,
    stop: AtomicBool,
    /// The latest that a step was sent after its beginning, ms.
    latest: AtomicU64,
}

impl Feeder {
    fn start(port: u16, plans: BTreeMap<String, Vec<f64>>) -> Self {
        let shared = Arc::new(Shared {
            plans,
            start: AtomicI64::new(i64::MAX),
            sent: AtomicI64::new(0),
            stop: AtomicBool::new(false),
            latest: AtomicU64::new(0),
        });
        let fed = shared.clone();
        let thread = std::thread::spawn(move || {
            let mut line = TcpStream::connect(("127.0.0.1", port)).expect("Graphite takes lines");
            let mut step = Timestamp::now().as_second() / JUNOS_STEP;
            while !fed.stop.load(Ordering::Relaxed) {
                line.write_all(fed.lines(step).as_bytes()).expect("Graphite reads what it is sent");
                let late = since_beginning(step).as_millis() as u64;
                fed.latest.fetch_max(late, Ordering::Relaxed);
                fed.sent.store(step, Ordering::Relaxed);
                step += 1;
                let wait = -since_beginning(step);
                std::thread::sleep(Duration::try_from(wait).unwrap_or_default());
            }
        });
        Feeder { shared, thread: Some(thread) }
    }

    /// The plan begins with the next step; its number.
    fn begin(&self) -> i64 {
        // Not the one that is sent just now.
        let start = Timestamp::now().as_second() / JUNOS_STEP + 2;
        self.shared.start.store(start, Ordering::Relaxed);
        start
    }
}

impl Shared {
    fn lines(&self, step: i64) -> String {
        let place = step
            .checked_sub(self.start.load(Ordering::Relaxed))
            .and_then(|place| usize::try_from(place).ok());
        let line = |(path, values): (&String, &Vec<f64>)| {
            let value = place.and_then(|place| values.get(place)).unwrap_or(&CALM);
            format!("{path} {value} {}\n", step * JUNOS_STEP)
        };
        self.plans.iter().map(line).collect()
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Negative before it begins.
fn since_beginning(step: i64) -> SignedDuration {
    Timestamp::now().duration_since(Timestamp::from_second(step * JUNOS_STEP).expect("a time of today"))
}

/// How many rules match.
fn total(admin: &Client, filter: &str) -> Value {
    admin.get(&format!("/api/v1/rules?limit=1&{filter}")).is(200)["total"].clone()
}

/// Every alarm there ever was.
fn all_alarms(admin: &Client) -> Vec<Value> {
    let (mut alarms, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/api/v1/alarms?state=all&limit=1000{cursor}"));
        alarms.extend_from_slice(page.items());
        match page.is(200)["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return alarms,
        }
    }
}

/// The steps of an alarm as they happened, each with the place of the value that it saw last.
fn happened(admin: &Client, alarm: &Value, start: i64) -> Vec<(u64, Step)> {
    let severity = |value: &Value| {
        let name = value.as_str()?;
        ["warning", "major", "critical", "unknown"].into_iter().find(|known| *known == name)
    };
    let answer = admin.get(&format!("/api/v1/alarms/{}/transitions", text(&alarm["id"])));
    let step = |step: &Value| {
        let at: Timestamp = text(&step["at"]).parse().expect("an instant");
        let seen = (at.as_second() - OFFSET).div_euclid(JUNOS_STEP);
        let (before, after) = (severity(&step["before"]), severity(&step["after"]));
        let place = usize::try_from(seen - start).unwrap_or(usize::MAX);
        let value = step["value"].as_f64().unwrap_or(f64::NAN);
        (step["seq"].as_u64().expect("a step has a number"), Step { place, before, after, value })
    };
    answer.items().iter().map(step).collect()
}

#[test]
fn the_alarms_of_190_interfaces_are_exactly_those_that_their_values_call_for() {
    let Some(graphite) = Graphite::shared() else { return };
    let full = std::env::var("ATALAYA_FAULTS").is_ok_and(|set| set == "full");
    let count = if full { 600 / JUNOS_STEP as usize } else { 8 };
    let mut dice = Dice::new("190 interfaces");
    let too_slow = |slow: &TooSlow| println!("the machine was too slow: {}", slow.0);
    let told = (0..TRIES).any(|_| play(&graphite, &mut dice, count).inspect_err(too_slow).is_ok());
    assert!(told, "the machine is too slow for this test");
}

/// A sample came too late or an evaluation was left out, so that the alarms say nothing: in words.
struct TooSlow(String);

/// # Errors
/// Nothing can be said of these alarms.
fn play(graphite: &Graphite, dice: &mut Dice, count: usize) -> Result<(), TooSlow> {
    let interfaces: Vec<Interface> = Interface::all().collect();
    let plans: BTreeMap<String, Vec<f64>> =
        interfaces.iter().map(|one| (one.path(), values(dice, count))).collect();
    let feeder = Feeder::start(graphite.line_port(), plans.clone());
    let server = Server::start();
    let admin = server.admin();
    post_source(&admin, "graphite", &graphite.url(), &format!("{OFFSET}s"));
    // A router at a time: a chart has at most 100 series.
    for router in 1..=ROUTERS {
        let expr = format!("junos.BXBORIN{router}.Velocidad_interface.*");
        poll::until("Graphite knows all interfaces", PATIENCE, || {
            (query(&admin, "graphite", &expr).len() == PORTS).then_some(())
        });
    }

    let rules: Vec<Value> = interfaces.iter().map(Interface::rule).collect();
    let made = admin.post("/api/v1/rules/many", &json!({"rules": rules}));
    assert_eq!(made.is(201)["rules"].as_array().map(Vec::len), Some(interfaces.len()));
    changed_together(&admin, interfaces.len());
    poll::until("all are judged, and well", PATIENCE, || {
        (total(&admin, "state=ok") == json!(interfaces.len())).then_some(())
    });
    let_pass(&admin, 2.0 * interfaces.len() as f64);
    assert_eq!(all_alarms(&admin), [] as [Value; 0], "it is calm");

    let start = feeder.begin();
    let before = evaluations(&admin);
    let over = start + count as i64 + TERMS.to_ok as i64 + 1;
    poll::until("everything is sent", Duration::from_secs(900), || {
        (feeder.shared.sent.load(Ordering::Relaxed) > over).then_some(())
    });
    let judged = evaluations(&admin) - before;
    poll::until("all alarms are over", PATIENCE, || alarms(&admin, "active").is_empty().then_some(()));
    let alarms = all_alarms(&admin);
    let late = Duration::from_millis(feeder.shared.latest.load(Ordering::Relaxed));
    println!(
        "{} values of {} interfaces: {} alarms; samples at most {late:?} late",
        count * interfaces.len(),
        interfaces.len(),
        alarms.len(),
    );
    if late >= Duration::from_secs(OFFSET as u64 - 1) {
        return Err(TooSlow(format!("a sample came {late:?} late")));
    }
    let expected = (interfaces.len() as i64 * (over - start + 1)) as f64;
    if judged < expected {
        return Err(TooSlow(format!("{judged} evaluations of {expected}")));
    }
    compare(&admin, &interfaces, &plans, &alarms, start);
    Ok(())
}

/// In two requests: see what matches, then change as many. A metric that does not match stays as it is.
fn changed_together(admin: &Client, count: usize) {
    let mut other = cpu_rule_on("graphite", "fast.other.cpu");
    other["enabled"] = json!(false);
    let other = format!("/api/v1/rules/{}", post_rule(admin, &other));
    let before = admin.get(&other).is(200).clone();

    let seen = total(admin, "q=velocidad");
    let [warning, major, critical] = TERMS.thresholds;
    let patch = json!({
        "check": {"params": {"warning": warning, "major": major, "critical": critical}},
        "checks_to_alert": TERMS.to_alert, "checks_to_ok": TERMS.to_ok, "ok_margin": TERMS.margin,
    });
    let select = json!({"filter": {"q": "velocidad"}});
    let bulk = json!({"select": select, "expected_total": seen, "change": {"patch": patch}});
    let done = admin.post("/api/v1/rules/bulk", &bulk).is(200).clone();
    assert_eq!((&done["total"], &done["changed"]), (&json!(count), &json!(count)), "{done}");
    assert_eq!(admin.get(&other).is(200)["version"], before["version"], "it was not meant");
}

/// Nothing is missing and nothing is too much: per interface the same steps by the same values in the same order, and as many alarms as
/// were raised.
fn compare(
    admin: &Client,
    interfaces: &[Interface],
    plans: &BTreeMap<String, Vec<f64>>,
    alarms: &[Value],
    start: i64,
) {
    let mut by_series = BTreeMap::<String, Vec<(u64, Step)>>::new();
    for alarm in alarms {
        assert_eq!(alarm["subject"]["kind"], "series", "nothing else went wrong: {alarm}");
        assert!(!alarm["cleared_at"].is_null(), "all end: {alarm}");
        by_series.entry(text(&alarm["series"])).or_default().extend(happened(admin, alarm, start));
    }
    let mut raised = 0;
    for interface in interfaces {
        let plan = &plans[&interface.path()];
        let calm = std::iter::repeat_n(&CALM, TERMS.to_ok);
        let expected = TERMS.steps(&plan.iter().chain(calm).copied().collect::<Vec<_>>());
        raised += expected.iter().filter(|step| step.before.is_none()).count();
        let mut told = by_series.remove(&interface.series()).unwrap_or_default();
        told.sort_by_key(|(seq, _)| *seq);
        let told: Vec<Step> = told.into_iter().map(|(_, step)| step).collect();
        assert_eq!(told, expected, "{}: {plan:?}", interface.series());
    }
    assert_eq!(by_series.keys().collect::<Vec<_>>(), [] as [&String; 0], "of no other series");
    assert_eq!(alarms.len(), raised);
}
