//! The doors of the built-in store: what comes through each, and what is refused.

use atalaya_api::source::{Refused, SourceInput, SourceStatus};
use leptos::prelude::*;

use super::StatusMark;
use crate::dom;
use crate::erase::{Show, derive, drawn, memo};
use crate::format::use_format;
use crate::prefs::{Prefs, use_prefs};

/// One door: its address, what came through it, what was refused.
#[component]
pub fn InputBlock(input: Signal<Option<SourceInput>>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let input = Memo::new(move |before: Option<&Option<SourceInput>>| {
        input.get().or_else(|| before.cloned().flatten())
    });
    let with = move |get: fn(&SourceInput) -> String| {
        input.with(|input| input.as_ref().map(get).unwrap_or_default())
    };
    let name = move || with(|input| input.name.clone());
    let status =
        derive(move || input.with(|input| input.as_ref().map_or(SourceStatus::Ok, |input| input.status)));
    let address = memo(move || input.with(|input| input.as_ref().and_then(|input| input.address.clone())));
    let last = move || {
        let at = input.with(|input| input.as_ref().and_then(|input| input.last_sample_at));
        at.map_or_else(|| said!(prefs, pages.sources.no_sample).to_owned(), |at| format.seconds(at))
    };
    let samples = move || input.with(|input| input.as_ref().map(|input| format.count(input.samples)));
    let refused =
        memo(move || input.with(|input| input.as_ref().map_or_else(Vec::new, |input| input.refused.clone())));
    view! {
        <div class="inlet">
            <header class="card-head">
                <h3>{drawn(move || door_words(prefs, &name()))}</h3>
                <StatusMark status />
            </header>
            <p class="help">{drawn(move || door_help(prefs, &name(), address.get().unwrap_or_default()))}</p>
            <Show when=move || name() == "prometheus">
                <pre class="example">{drawn(move || remote_write(&address.get().unwrap_or_default()))}</pre>
            </Show>
            {drawn(move || input.get().and_then(|input| trouble(prefs, &input)))}
            <dl class="facts">
                <div hidden=move || address.with(Option::is_none)>
                    <dt>{say!(prefs, pages.sources.address)}</dt>
                    <dd><code>{drawn(move || address.get())}</code></dd>
                </div>
                <div>
                    <dt>{say!(prefs, pages.sources.samples)}</dt>
                    <dd class="number">{drawn(samples)}</dd>
                </div>
                <div>
                    <dt>{say!(prefs, pages.sources.last_sample)}</dt>
                    <dd class="number">{drawn(last)}</dd>
                </div>
            </dl>
            <RefusedTable refused />
        </div>
    }
}

fn door_words(prefs: Prefs, name: &str) -> String {
    match name {
        "host" => said!(prefs, pages.sources.host).to_owned(),
        "carbon" => said!(prefs, pages.sources.carbon).to_owned(),
        "carbon pickle" => said!(prefs, pages.sources.pickle).to_owned(),
        "prometheus" => said!(prefs, pages.sources.remote_write).to_owned(),
        other => other.to_owned(),
    }
}

fn door_help(prefs: Prefs, name: &str, address: String) -> Option<String> {
    match name {
        "host" => Some(said!(prefs, pages.sources.host_help).to_owned()),
        // Whole seconds are what a carbon line says.
        "carbon" => {
            let now = (dom::now_ms() / 1_000.0).floor();
            Some(said!(prefs, pages.sources.carbon_help, now = now).to_string())
        }
        "carbon pickle" => Some(said!(prefs, pages.sources.pickle_help, address = address).to_string()),
        "prometheus" => Some(said!(prefs, pages.sources.remote_write_help).to_owned()),
        _ => None,
    }
}

/// For prometheus.yml.
fn remote_write(address: &str) -> String {
    format!("remote_write:\n  - url: {address}\n    authorization: {{ credentials: TOKEN }}")
}

/// What is wrong with a door and what to do; a taken port in the operator's words.
fn trouble(prefs: Prefs, input: &SourceInput) -> Option<impl IntoView + use<>> {
    if input.status == SourceStatus::Ok {
        return None;
    }
    let detail = input.detail.clone().unwrap_or_default();
    let taken = detail.ends_with("is taken");
    let address = input.address.clone().unwrap_or_default();
    let words = match taken {
        true => said!(prefs, pages.sources.taken, address = address).to_string(),
        false => detail,
    };
    let next = taken.then(|| said!(prefs, pages.sources.taken_next));
    Some(view! {
        <div class="trouble">
            <p><strong>{words}</strong></p>
            <p>{next}</p>
        </div>
    })
}

/// Refused lines by reason, with the latest of each.
#[component]
fn RefusedTable(refused: Memo<Vec<Refused>>) -> impl IntoView {
    let (prefs, format) = (use_prefs(), use_format());
    let row = move |refused: Refused| {
        let Refused { reason, count, example } = refused;
        view! {
            <tr>
                <td>{refusal_words(prefs, &reason)}</td>
                <td class="numeric number">{format.count(count)}</td>
                <td><code>{example}</code></td>
            </tr>
        }
    };
    let some = move || refused.get().into_iter().filter(|refused| refused.count > 0).collect::<Vec<_>>();
    view! {
        <p class="muted" hidden=move || !some().is_empty()>
            {say!(prefs, pages.sources.refused)} ": " {say!(prefs, pages.sources.refused_none)}
        </p>
        <Show when=move || !some().is_empty()>
            <div class="table-box" tabindex="0" role="region" aria-label=say!(prefs, pages.sources.refused)>
                <table class="plain">
                    <caption>{say!(prefs, pages.sources.refused)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{say!(prefs, pages.sources.reason)}</th>
                            <th scope="col" class="numeric">{say!(prefs, pages.sources.count)}</th>
                            <th scope="col">{say!(prefs, pages.sources.example)}</th>
                        </tr>
                    </thead>
                    <tbody>{drawn(move || some().into_iter().map(row).collect_view())}</tbody>
                </table>
            </div>
        </Show>
    }
}

/// A reason in words; one that is not known as it came. Tracks.
fn refusal_words(prefs: Prefs, reason: &str) -> String {
    let words = match reason {
        "malformed" => said!(prefs, pages.sources.malformed),
        "far future" => said!(prefs, pages.sources.far_future),
        "too old" => said!(prefs, pages.sources.too_old),
        "too many series" => said!(prefs, pages.sources.too_many_series),
        "line too long" => said!(prefs, pages.sources.line_too_long),
        "too many connections" => said!(prefs, pages.sources.too_many_connections),
        "not a number" => said!(prefs, pages.sources.not_a_number),
        "bad name" => said!(prefs, pages.sources.bad_name),
        "too late" => said!(prefs, pages.sources.too_late),
        "unfinished line" => said!(prefs, pages.sources.unfinished),
        "idle connection" => said!(prefs, pages.sources.idle),
        "same time" => said!(prefs, pages.sources.same_time),
        "native histogram" => said!(prefs, pages.sources.histogram),
        "frame too large" => said!(prefs, pages.sources.frame_too_large),
        "unfinished frame" => said!(prefs, pages.sources.unfinished_frame),
        other => return other.to_owned(),
    };
    words.to_owned()
}
