//! The one place that wires implementations together: configuration in, running server out.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio::task::JoinHandle;

use crate::api::registry::Registry;
use crate::api::remotes::Remotes;
use crate::api::{self, EventHub, Services, load_settings};
use crate::backup::Keeper;
use crate::check::{CompilerCommand, Host};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{ReceiverConfig, Severity, Texts};
use crate::evaluating::Evaluating;
use crate::housekeeping::{Disk, Housekeeping};
use crate::ingest::prometheus::RemoteWrite;
use crate::ingest::{carbon, host::HostSampler};
use crate::installed::Installed;
use crate::notify::{self, Around, Notifier, Ports, Way};
use crate::people::{accounts, setup, system};
use crate::pipeline::{Pipeline, SystemCause, Watchtower};
use crate::source::Input;
use crate::source::local::{self, LocalStore, Maintenance};
use crate::source::remote::{Fleet, connect};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use crate::telling::Teller;
use crate::ui::Ui;

/// With no users yet, this environment variable makes the user `admin` with it as password.
pub const ADMIN_PASSWORD: &str = "ATALAYA_ADMIN_PASSWORD";

/// The running server, all but its HTTP part. Dropping it without [`App::stop`] loses what is not written yet.
pub struct App {
    services: Services,
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    local: Arc<LocalStore>,
    carbon: Arc<Input>,
    pickle: Arc<Input>,
    evaluating: Arc<Evaluating>,
    notifier: Notifier,
    housekeeping: Housekeeping,
    keeper: Keeper,
    _host: Option<HostSampler>,
    _maintenance: Maintenance,
}

impl App {
    /// Opens what is stored, loads the checks, and starts to evaluate. Blocks.
    ///
    /// # Errors
    /// The data folder cannot be used, it belongs to a newer version, or a built-in check does not load.
    pub fn start(config: Arc<Config>, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        make_folder(&config.data)?;
        // Before anything is changed: the two files belong together.
        local::refuse_newer(&config.samples_file())?;
        let store: Arc<dyn Store> = SqliteStore::open(&config.store_file(), clock.clone())
            .with_context(|| config.store_file().display().to_string())?;
        let local =
            Arc::new(LocalStore::open(config.local.clone(), &config.samples_file(), clock.now().wall));
        let installed = load_checks(&config, &*store, &clock)?;
        let fleet = Arc::new(Fleet::default());
        let mut pipeline = Pipeline::new(
            local.clone(),
            installed.checks().to_vec(),
            installed.runner_of_its_own(),
            clock.now(),
        )
        .asking(fleet.clone())
        .beating(local.clone());
        pipeline.load(&*store)?;
        let watchtower = pipeline.watchtower();
        // Before the first question: one that nobody can take gets no answer.
        let remotes =
            Remotes::new(fleet.clone(), Box::new(connect), Arc::new(watchtower.clone()), clock.clone());
        remotes.load(&*store)?;
        let events = EventHub::new(store.last_event()?);
        let hub = events.clone();
        let teller = Teller::start(watchtower.clone(), clock.clone())?;
        let listener = teller.clone();
        let notifier = Notifier::start(store.clone(), clock.clone(), ports(&store, &config, &watchtower))?;
        let (wake, conditions) = (notifier.waker(), notifier.conditions());
        let evaluating = Evaluating::start(
            pipeline,
            store.clone(),
            clock.clone(),
            move |event| {
                hub.committed(event);
                wake();
            },
            move || listener.beat(),
        )?;
        fleet.on_reply(evaluating.waker());
        let evaluating = Arc::new(evaluating);
        let disk = Disk { folder: config.data.clone(), watchtower: watchtower.clone(), told: false };
        let sources = Arc::new(Registry::new(local.clone(), remotes));
        let Doors { carbon, pickle, remote_write, host } = open_doors(&config, &sources, &local, &clock)?;
        let parts = (Arc::new(watchtower.clone()) as _, installed as _, sources as _);
        let ui = Ui::from_environment();
        let services =
            Services::new(store.clone(), parts, remote_write, clock.clone(), config.clone(), events, ui);
        Ok(App {
            keeper: keep_backups(&services, watchtower)?,
            housekeeping: Housekeeping::start(
                store,
                local.clone(),
                evaluating.clone(),
                clock.clone(),
                disk,
                teller,
            )?,
            services: services.telling(conditions, notifier.waker()),
            notifier,
            _maintenance: local.start_maintenance(clock.clone())?,
            _host: host,
            config,
            clock,
            local,
            carbon,
            pickle,
            evaluating,
        })
    }

    /// What the HTTP part works with.
    pub fn services(&self) -> Services {
        self.services.clone()
    }

    /// With no users yet: makes `admin` if the environment says so, else gives the link that makes the first
    /// account.
    ///
    /// # Errors
    /// The password is none, or the store failed.
    pub fn first_account(&self) -> anyhow::Result<Option<String>> {
        let store = &*self.services.store;
        if let Ok(password) = std::env::var(ADMIN_PASSWORD)
            && setup::needed(store)?
        {
            accounts::first_admin(store, &password, self.clock.now().wall).context(ADMIN_PASSWORD)?;
            tracing::info!(by = system().name, "made the user admin");
            return Ok(None);
        }
        Ok(setup::setup_link(store, &self.config.address())?)
    }

    /// Serves until `shutdown` resolves, then writes what is not written yet.
    ///
    /// # Errors
    /// The certificate cannot be used, or the listener failed.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let doors = self.listen();
        let events = self.services.events.clone();
        let closing = async move {
            shutdown.await;
            events.close();
        };
        let served = api::serve(listener, api::router(self.services()), self.config.tls(), closing).await;
        doors.into_iter().for_each(|door| door.abort());
        tokio::task::spawn_blocking(move || self.stop()).await?;
        Ok(served?)
    }

    /// Opens the ports through which samples come.
    fn listen(&self) -> Vec<JoinHandle<()>> {
        let ingest = self.config.ingest.clone();
        let (local, clock) = (&self.local, &self.clock);
        let mut doors = Vec::new();
        if ingest.carbon.enabled {
            let door = carbon::run(ingest.carbon, local.clone(), self.carbon.clone(), clock.clone());
            doors.push(tokio::spawn(door));
        }
        if ingest.carbon_pickle.enabled {
            let door =
                carbon::run_pickle(ingest.carbon_pickle, local.clone(), self.pickle.clone(), clock.clone());
            doors.push(tokio::spawn(door));
        }
        doors
    }

    /// Ends the threads; what was decided is written.
    pub fn stop(self) {
        let App { services, housekeeping, keeper, evaluating, notifier, .. } = self;
        services.imports.cancel();
        // A large backup takes a while to end: nothing that was decided waits for it.
        keeper.tell_to_end();
        drop((services, housekeeping));
        match Arc::into_inner(evaluating) {
            Some(evaluating) => evaluating.stop(),
            None => tracing::error!("somebody still holds the evaluation while it should stop"),
        }
        // After it: what was decided at the end is in the queue, and stays there.
        notifier.stop();
        drop(keeper);
    }
}

/// The thread that makes backups; one that fails is an alarm of the system.
fn keep_backups(services: &Services, watchtower: Watchtower) -> std::io::Result<Keeper> {
    Keeper::start(
        services.backups.clone(),
        services.store.clone(),
        services.clock.clone(),
        |store| load_settings(store).ok(),
        move |trouble| watchtower.report(SystemCause::Backup, trouble),
    )
}

/// What the telling works with.
fn ports(store: &Arc<dyn Store>, config: &Arc<Config>, watchtower: &Watchtower) -> Ports {
    let (receivers, settings) = (store.clone(), store.clone());
    let (way, config, watchtower) = (store.clone(), config.clone(), watchtower.clone());
    Ports {
        receivers: Arc::new(move || receivers.receivers()),
        connect: Arc::new(move |receiver| way_to(receiver, &*way, &config)),
        quieting: Arc::new(store.clone()),
        settings: Arc::new(move || load_settings(&*settings)),
        title: Arc::new(notify::words::title),
        dead: Arc::new(move |count| watchtower.report(SystemCause::Deliveries, dead_letters(count))),
    }
}

/// A receiver as it can be told; in words, why it cannot be.
fn way_to(receiver: &ReceiverConfig, store: &dyn Store, config: &Config) -> Result<Box<dyn Way>, Texts> {
    let unreadable = |error: StoreError| Texts {
        en: format!("its settings cannot be read: {error}"),
        es: format!("no se puede leer su configuración: {error}"),
    };
    let secret = store.receiver_secret(&receiver.receiver.id).map_err(unreadable)?;
    let settings = load_settings(store).map_err(unreadable)?;
    let opcmsg = config.notify.opcmsg().map(ToOwned::to_owned);
    let around = Around::of(&settings, &config.address(), opcmsg);
    notify::connect(receiver, &secret, &around).map_err(|wrong| Texts {
        en: format!("{}: {}", wrong.field, wrong.words.en),
        es: format!("{}: {}", wrong.field, wrong.words.es),
    })
}

/// What is told of messages that could not be sent.
fn dead_letters(count: u64) -> Option<(Severity, Texts)> {
    let words = Texts {
        en: format!("messages that could not be sent: {count}"),
        es: format!("mensajes que no se pudieron enviar: {count}"),
    };
    (count > 0).then_some((Severity::Major, words))
}

/// The data folder, for nobody else.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("the data folder {} cannot be made", folder.display()))
}

fn load_checks(config: &Config, store: &dyn Store, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<Installed>> {
    let compiler = CompilerCommand::of_this_program()?;
    let host = Host::new(config.checks.clone(), config.data.join("compiled"), compiler)?;
    Installed::load(&host, &config.data.join("checks"), store, clock.clone())
}

/// The doors through which samples arrive by themselves.
struct Doors {
    carbon: Arc<Input>,
    pickle: Arc<Input>,
    remote_write: Arc<RemoteWrite>,
    host: Option<HostSampler>,
}

fn open_doors(
    config: &Config,
    sources: &Registry,
    local: &Arc<LocalStore>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Doors> {
    let named = |name| Arc::new(Input::new(name));
    let (measured, carbon, pickle, prometheus) =
        (named("host"), named("carbon"), named("carbon pickle"), named("prometheus"));
    let ingest = &config.ingest;
    let mut host = None;
    if ingest.host.enabled {
        sources.add_input(measured.clone());
        host = Some(HostSampler::start(local.clone(), measured, clock.clone())?);
    }
    for (door, enabled) in
        [(&carbon, ingest.carbon.enabled), (&pickle, ingest.carbon_pickle.enabled), (&prometheus, true)]
    {
        if enabled {
            sources.add_input(door.clone());
        }
    }
    prometheus.open(Some(format!("{}{}", config.address(), api::REMOTE_WRITE)));
    let remote_write = Arc::new(RemoteWrite::new(local.clone(), prometheus));
    Ok(Doors { carbon, pickle, remote_write, host })
}
