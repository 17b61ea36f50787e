//! The help: what each word means, how an alarm comes and goes in pictures, the commonest tasks, the keys.

mod pictures;

use leptos::prelude::*;

use self::pictures::{margin, run, states, tell};
use super::Heading;
use crate::components::help::{Keys, Shapes};
use crate::erase::drawn;
use crate::prefs::{Prefs, use_prefs};

/// A text of several parts, with `|` between: a word and its meaning, a task and its steps.
type Text = fn(Prefs) -> &'static str;

const WORDS: [Text; 15] = [
    |prefs| said!(prefs, guide.word.source),
    |prefs| said!(prefs, guide.word.sample),
    |prefs| said!(prefs, guide.word.metric),
    |prefs| said!(prefs, guide.word.check),
    |prefs| said!(prefs, guide.word.params),
    |prefs| said!(prefs, guide.word.severity),
    |prefs| said!(prefs, guide.word.template),
    |prefs| said!(prefs, guide.word.alarm),
    |prefs| said!(prefs, guide.word.counts),
    |prefs| said!(prefs, guide.word.margin),
    |prefs| said!(prefs, guide.word.period),
    |prefs| said!(prefs, guide.word.receiver),
    |prefs| said!(prefs, guide.word.ack),
    |prefs| said!(prefs, guide.word.mute),
    |prefs| said!(prefs, guide.word.why),
];

/// The commonest tasks, and the page where each begins.
const TASKS: [(Text, &str); 10] = [
    (|prefs| said!(prefs, guide.task.ack), "./"),
    (|prefs| said!(prefs, guide.task.mute), "quiet"),
    (|prefs| said!(prefs, guide.task.grafana), "add"),
    (|prefs| said!(prefs, guide.task.source), "add?from=source"),
    (|prefs| said!(prefs, guide.task.many), "configured"),
    (|prefs| said!(prefs, guide.task.template), "templates"),
    (|prefs| said!(prefs, guide.task.tell), "settings/receivers"),
    (|prefs| said!(prefs, guide.task.calendar), "settings/calendars"),
    (|prefs| said!(prefs, guide.task.why), "history"),
    (|prefs| said!(prefs, guide.task.report), "history?range=friday"),
];

#[component]
pub fn HelpPage() -> impl IntoView {
    let prefs = use_prefs();
    let word = move |text: Text| {
        drawn(move || {
            let (word, meaning) = text(prefs).split_once('|').unwrap_or_default();
            view! { <dt>{word}</dt> <dd>{meaning}</dd> }
        })
    };
    let task = move |(text, href): (Text, &'static str)| {
        drawn(move || {
            let mut parts = text(prefs).split('|');
            let title = parts.next().unwrap_or_default();
            let steps = parts.map(|step| view! { <li>{step}</li> }).collect_view();
            let label = format!("{}: {title}", said!(prefs, guide.go));
            view! {
                <section class="card">
                    <h3>{title}</h3>
                    <ol>{steps}</ol>
                    <a class="button" href=href aria-label=label>{said!(prefs, guide.go)}</a>
                </section>
            }
        })
    };
    let picture = move |draw: fn(Prefs) -> String, words: Text| {
        view! {
            <figure class="card">
                <div class="picture" aria-hidden="true" inner_html=move || draw(prefs)></div>
                <figcaption>{drawn(move || words(prefs))}</figcaption>
            </figure>
        }
    };
    view! {
        <Heading text=say!(prefs, app.banner.help) />
        <p class="lead">{say!(prefs, guide.lead)}</p>
        <section class="guide">
            <h2>{say!(prefs, guide.tasks)}</h2>
            <div class="cards">{TASKS.map(task).collect_view()}</div>
            <h2>{say!(prefs, guide.pictures)}</h2>
            <div class="cards">
                {picture(run, |prefs| said!(prefs, guide.pic.run))}
                {picture(margin, |prefs| said!(prefs, guide.pic.margin))}
                {picture(states, |prefs| said!(prefs, guide.pic.states))}
                {picture(tell, |prefs| said!(prefs, guide.pic.tell))}
            </div>
            <h2>{say!(prefs, guide.words)}</h2>
            <dl class="card words">{WORDS.map(word).collect_view()}</dl>
            <h2>{say!(prefs, app.help.shapes)}</h2>
            <div class="card"><Shapes /></div>
            <h2>{say!(prefs, app.help.keys)}</h2>
            <div class="card"><Keys /></div>
        </section>
    }
}
