//! A calendar: its week, holidays, other days, and when it is open in the next two weeks.

use atalaya_api::calendar::{Calendar, CalendarPreview, CalendarView, OpenRange};
use atalaya_api::people::Role;
use atalaya_api::settings::Settings;
use leptos::prelude::*;

use super::faults::Faults;
use super::form::NoteField;
use super::listing::after_rest;
use super::week::{Week, WeekFields};
use super::{CALENDAR, Heading, clock, use_go, use_id};
use crate::account::use_account;
use crate::api::{read, use_api};
use crate::base::encode;
use crate::components::notices::use_notices;
use crate::components::{Button, Kind, Loaded, TextField};
use crate::erase::{Show, drawn, memo};
use crate::fetched::fetched;
use crate::format::ms;
use crate::logic::calendar::{exceptions, exceptions_text, holidays, holidays_text, id_of};
use crate::logic::wrong::{What, Wrong};
use crate::prefs::use_prefs;
use crate::reading::value_of;

/// The address of one that is not there yet.
const NEW: &str = "new";
/// Typing rests this long before it is asked when the calendar is open, ms.
const REST_MS: u64 = 400;

#[component]
pub fn CalendarPage() -> impl IntoView {
    let (prefs, id) = (use_prefs(), use_id(CALENDAR));
    let is_new = memo(move || id.with(|id| id == NEW));
    let view =
        fetched::<CalendarView>(move || (!is_new.get()).then(|| format!("calendars/{}", encode(&id.get()))));
    let settings = fetched::<Settings>(|| Some("settings".to_owned()));
    let title = move || match is_new.get() {
        true => said!(prefs, tables.calendars.new_title),
        false => said!(prefs, tables.calendars.edit_title),
    };
    view! {
        <Heading text=title>
            <a class="button" href="settings/calendars">{say!(prefs, tables.calendars.title)}</a>
        </Heading>
        <Loaded from=settings let:settings>
            <Show
                when=move || is_new.get()
                fallback=move || view! {
                    <Loaded from=view let:view><CalendarForm before=Some(view.get_untracked().calendar) /></Loaded>
                }
            >
                {
                    let zone = settings.with_untracked(|settings| settings.time_zone.clone());
                    view! { <CalendarForm before=None zone /> }
                }
            </Show>
        </Loaded>
    }
}

/// The fields as signals.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    zone: RwSignal<String>,
    week: Week,
    holidays: RwSignal<String>,
    exceptions: RwSignal<String>,
    /// As it was read; none: it is a new one.
    before: StoredValue<Option<Calendar>>,
}

impl Fields {
    fn new(before: Option<Calendar>, zone: String) -> Self {
        let shown = before.clone().unwrap_or_else(|| Calendar { time_zone: zone, ..Calendar::default() });
        let week = Week::new(&shown.week);
        if before.is_none() {
            week.add();
        }
        Fields {
            name: RwSignal::new(shown.name),
            zone: RwSignal::new(shown.time_zone),
            week,
            holidays: RwSignal::new(holidays_text(&shown.holidays)),
            exceptions: RwSignal::new(exceptions_text(&shown.exceptions)),
            before: StoredValue::new(before),
        }
    }

    /// What is typed, or what is wrong with it; tracks.
    fn calendar(self) -> Result<Calendar, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let calendar = self.read(&mut wrongs);
        if calendar.id.is_empty() {
            wrongs.insert(0, Wrong::new("name", What::Missing));
        }
        if wrongs.is_empty() { Ok(calendar) } else { Err(wrongs) }
    }

    /// What can be read of it, named or not; tracks.
    fn read(self, wrongs: &mut Vec<Wrong>) -> Calendar {
        let name = self.name.get().trim().to_owned();
        let holidays = holidays(&self.holidays.get()).map_err(|wrong| wrongs.push(wrong));
        let exceptions = exceptions(&self.exceptions.get()).map_err(|wrong| wrongs.push(wrong));
        let (id, version) = self.before.with_value(|before| match before {
            Some(before) => (before.id.clone(), before.version),
            None => (id_of(&name), 0),
        });
        Calendar {
            id,
            name,
            time_zone: self.zone.get().trim().to_owned(),
            week: self.week.ranges(),
            holidays: holidays.unwrap_or_default(),
            exceptions: exceptions.unwrap_or_default(),
            version,
        }
    }
}

#[component]
fn CalendarForm(before: Option<Calendar>, #[prop(optional)] zone: String) -> impl IntoView {
    let (prefs, account, go) = (use_prefs(), use_account(), use_go());
    let (api, notices) = (use_api(), use_notices());
    let (fields, faults, saving) = (Fields::new(before, zone), Faults::new(), RwSignal::new(false));
    let done = Callback::new(move |()| go("settings/calendars"));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if saving.get_untracked() {
            return;
        }
        faults.clear();
        let calendar = match untrack(|| fields.calendar()) {
            Ok(calendar) => calendar,
            Err(wrongs) => return faults.mark(wrongs),
        };
        saving.set(true);
        leptos::task::spawn_local(async move {
            let body = value_of(&calendar);
            let path = format!("calendars/{}", encode(&calendar.id));
            let before = fields.before.get_value();
            let answer = match &before {
                Some(_) => api.put(&path, &body).await,
                None => api.post("calendars", &body).await,
            };
            let _ = saving.try_set(false);
            let after = match answer.and_then(read::<CalendarView>) {
                Ok(after) => after.calendar,
                Err(failure) => return faults.refused(&in_lines(failure), ""),
            };
            let words = untrack(|| said!(prefs, pages.metrics.saved, name = after.name.clone()).to_string());
            match before {
                None => notices.offer_undo_by(words, true, move || api.delete(&path), None),
                Some(before) => {
                    let back = value_of(&Calendar { version: after.version, ..before });
                    notices.offer_undo_by(words, true, move || api.put(&path, &back), None);
                }
            }
            done.try_run(());
        });
    };
    let words = move || match saving.get() {
        true => said!(prefs, pages.common.saving),
        false => said!(prefs, pages.common.save),
    };
    view! {
        <Show when=move || !account.may(Role::Admin)>
            <p class="note">{say!(prefs, pages.common.admins_only)}</p>
        </Show>
        <form class="form-columns calendar-form" novalidate on:submit=submit>
            <div class="form-fields">
                <fieldset class="step">
                    <legend>{say!(prefs, pages.form.name)}</legend>
                    <TextField name="name" label=say!(prefs, pages.form.name) value=fields.name error=faults.of("name") />
                    <TextField
                        name="time_zone"
                        label=say!(prefs, pages.settings.time_zone)
                        value=fields.zone
                        help=say!(prefs, tables.calendars.zone_help)
                        error=faults.of("time_zone")
                    />
                </fieldset>
                <fieldset class="step">
                    <legend>{say!(prefs, tables.calendars.week)}</legend>
                    <p class="help">{say!(prefs, tables.calendars.week_help)}</p>
                    <WeekFields week=fields.week path="week" faults />
                </fieldset>
                <fieldset class="step">
                    <legend>{say!(prefs, tables.calendars.days)}</legend>
                    <NoteField
                        name="holidays"
                        label=say!(prefs, tables.calendars.holidays)
                        help=say!(prefs, tables.calendars.holidays_help)
                        value=fields.holidays
                        error=faults.of("holidays")
                    />
                    <NoteField
                        name="exceptions"
                        label=say!(prefs, tables.calendars.exceptions)
                        help=say!(prefs, tables.calendars.exceptions_help)
                        value=fields.exceptions
                        error=faults.of("exceptions")
                    />
                </fieldset>
                <div class="form-actions">
                    <p class="error" role="alert">{drawn(move || faults.failure.get())}</p>
                    <Show when=move || account.may(Role::Admin)>
                        <Button kind=Kind::Primary submits=true disabled=saving press=|()| ()>{drawn(words)}</Button>
                    </Show>
                </div>
            </div>
            <Show when=move || account.may(Role::Admin)>
                <div class="form-chart"><Preview fields /></div>
            </Show>
        </form>
    }
}

/// The server names the entry (`holidays[3].date`), the form has a line for it.
fn in_lines(failure: crate::api::Failure) -> crate::api::Failure {
    let crate::api::Failure::Problem(mut problem) = failure else { return failure };
    for error in &mut problem.errors {
        for list in ["holidays", "exceptions"] {
            let at = error.field.strip_prefix(list).and_then(|rest| rest.strip_prefix('['));
            let at = at.and_then(|rest| rest.split(']').next()).and_then(|at| at.parse::<usize>().ok());
            if let Some(at) = at {
                error.message = format!("{}: {}", at + 1, error.message);
                error.field = list.to_owned();
            }
        }
    }
    crate::api::Failure::Problem(problem)
}

/// When it is open in the next 14 days, as it is typed.
#[component]
fn Preview(fields: Fields) -> impl IntoView {
    let (prefs, api) = (use_prefs(), use_api());
    let shown = RwSignal::new(None::<Result<CalendarPreview, String>>);
    let ask = move |calendar: Option<Calendar>| {
        let Some(mut calendar) = calendar else { return };
        // What has no name yet is open all the same.
        if calendar.id.is_empty() {
            calendar.id = "preview".to_owned();
            calendar.name.clone_from(&calendar.id);
        }
        leptos::task::spawn_local(async move {
            let body = value_of(&calendar);
            let answer = api.post("calendars/preview", &body).await.and_then(read::<CalendarPreview>);
            let words = |failure: crate::api::Failure| untrack(|| in_lines(failure).words(prefs));
            let _ = shown.try_set(Some(answer.map_err(words)));
        });
    };
    let typed = move || {
        let mut wrongs = Vec::new();
        let calendar = fields.read(&mut wrongs);
        wrongs.is_empty().then_some(calendar)
    };
    ask(untrack(typed));
    after_rest(typed, REST_MS, ask);
    let zone = move || fields.zone.get();
    let ranges = move || match shown.get() {
        None => view! { <p class="loading">{said!(prefs, app.state.loading)}</p> }.into_any(),
        Some(Err(words)) => view! { <p class="error">{words}</p> }.into_any(),
        Some(Ok(preview)) if preview.ranges.is_empty() => {
            view! { <p class="error">{said!(prefs, tables.calendars.never)}</p> }.into_any()
        }
        Some(Ok(preview)) => {
            let now = match preview.open {
                true => said!(prefs, tables.calendars.open_now),
                false => said!(prefs, tables.calendars.closed_now),
            };
            let (language, zone) = (prefs.language(), zone());
            let line = |range: OpenRange| {
                let from = clock::day_and_time(ms(range.from), &zone, language);
                let to = clock::day_and_time(ms(range.to), &zone, language);
                view! { <li><span class="number">{from}</span>" – "<span class="number">{to}</span></li> }
            };
            view! {
                <p class=if preview.open { "open-now" } else { "closed-now" }>{now}</p>
                <ol class="ranges">{preview.ranges.into_iter().map(line).collect_view()}</ol>
            }
            .into_any()
        }
    };
    view! {
        <h2>{say!(prefs, tables.calendars.preview)}</h2>
        <p class="muted">{drawn(zone)}</p>
        <div aria-live="polite">{drawn(ranges)}</div>
    }
}
