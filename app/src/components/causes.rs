//! What stands in the way of judging: said above everything else, on the dashboard and on the wall.

use atalaya_api::Timestamp;
use atalaya_api::alarm::{Subject, SubjectKind};
use atalaya_api::summary::{StandingCause, Summary};
use leptos::prelude::*;

use super::severity::{SeverityMark, standing};
use crate::erase::{For, drawn, memo};
use crate::format::{duration, ms, use_format};
use crate::i18n::Locale;
use crate::live::{Live, use_live};
use crate::prefs::{Prefs, use_prefs};

/// What kind of thing it is about; tracks.
pub fn kind_words(prefs: Prefs, kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Series => said!(prefs, app.alarm.metric),
        SubjectKind::Source => said!(prefs, app.alarm.of_source),
        SubjectKind::Check => said!(prefs, app.alarm.of_check),
        SubjectKind::System => said!(prefs, app.alarm.of_system),
    }
}

/// What it is called: a source by its short name, a check by its own, the system's parts in words; tracks.
pub fn name_words(prefs: Prefs, subject: &Subject) -> String {
    let words = match (subject.kind, subject.name.as_str()) {
        (SubjectKind::System, "store") => said!(prefs, app.cause.store),
        (SubjectKind::System, "disk") => said!(prefs, app.cause.disk),
        (SubjectKind::System, "clock") => said!(prefs, app.cause.clock),
        (SubjectKind::System, "heartbeat") => said!(prefs, app.cause.heartbeat),
        (SubjectKind::System, "backup") => said!(prefs, app.cause.backup),
        (SubjectKind::System, "deliveries") => said!(prefs, app.cause.deliveries),
        (_, name) => name,
    };
    words.to_owned()
}

/// The page where it can be looked into; none for a series, whose metric has a page of its own.
pub fn page_of(subject: &Subject) -> Option<&'static str> {
    match (subject.kind, subject.name.as_str()) {
        (SubjectKind::Series, _) => None,
        (SubjectKind::Source, _) => Some("settings/sources"),
        (SubjectKind::Check, _) => Some("checks"),
        (SubjectKind::System, "deliveries") => Some("deliveries?state=dead"),
        (SubjectKind::System, "backup") => Some("settings/backup"),
        (SubjectKind::System, _) => Some("status"),
    }
}

/// Since when this source is down, as the latest summary says; tracks.
pub fn source_down(live: Live, source: &str) -> Option<Timestamp> {
    let is_it = |subject: &Subject| subject.kind == SubjectKind::Source && subject.name == source;
    live.summary.with(|summary| {
        summary.as_ref()?.causes.iter().find(|cause| is_it(&cause.subject)).map(|cause| cause.since)
    })
}

/// One line each, worst first; nothing while all is well. Read out when one comes.
#[component]
pub fn Causes(#[prop(into)] summary: Signal<Summary>) -> impl IntoView {
    let prefs = use_prefs();
    let causes = memo(move || summary.with(|summary| summary.causes.clone()));
    let key = |cause: &StandingCause| {
        format!("{:?} {} {} {}", cause.subject.kind, cause.subject.id, cause.since, cause.message.en)
    };
    view! {
        <div class="causes" role="status" aria-label=say!(prefs, app.cause.title)>
            <For each=move || causes.get() key=key children=|cause| cause_line(cause).into_any() />
        </div>
    }
}

fn cause_line(cause: StandingCause) -> impl IntoView {
    let (prefs, format, live) = (use_prefs(), use_format(), use_live());
    let StandingCause { subject, severity, since, message, .. } = cause;
    let (kind, standing) = (subject.kind, standing(severity));
    let words = move || match prefs.locale.get() {
        Locale::es => message.es.clone(),
        Locale::en => message.en.clone(),
    };
    let time = move || {
        let lasts = duration(live.now.get() - ms(since));
        format!("{} {} · {lasts}", format.time(since), format.zone())
    };
    let link =
        page_of(&subject).map(|href| view! { <a class="button" href=href>{say!(prefs, app.cause.look)}</a> });
    view! {
        <div class=format!("cause tint-{}", severity.name())>
            <SeverityMark of=standing />
            <p class="cause-words">
                <strong>{drawn(move || format!("{}: {}", kind_words(prefs, kind), name_words(prefs, &subject)))}</strong>
                <span class="number cause-since">{drawn(time)}</span>
                <span class="cause-message">{drawn(words)}</span>
            </p>
            {link}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_leads_to_where_it_can_be_looked_into() {
        let system =
            |name: &str| Subject { kind: SubjectKind::System, id: name.to_owned(), name: name.to_owned() };
        assert_eq!(page_of(&system("deliveries")), Some("deliveries?state=dead"));
        assert_eq!(page_of(&system("backup")), Some("settings/backup"));
        assert_eq!(page_of(&system("heartbeat")), Some("status"));
        assert_eq!(page_of(&Subject { kind: SubjectKind::Series, ..system("disk") }), None);
    }
}
