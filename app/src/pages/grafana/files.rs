//! Dashboards that were exported as files, several at once.

use atalaya_api::catalog::{DashboardFile, ImportStatus};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::Catalog;
use super::report::report;
use crate::api::{Api, Failure, read, use_api};
use crate::erase::drawn;
use crate::format::use_format;
use crate::logic::grafana::joined;
use crate::prefs::use_prefs;
use crate::reading::value_of;

#[component]
pub fn Files(catalog: Catalog) -> impl IntoView {
    let (prefs, format, api) = (use_prefs(), use_format(), use_api());
    let input = NodeRef::<html::Input>::new();
    let progress = RwSignal::new(None::<(u64, u64)>);
    let (told, failure) = (RwSignal::new(None::<ImportStatus>), RwSignal::new(None::<String>));
    let choose = move |_| {
        let Some(input) = input.get_untracked() else { return };
        let files = input.files();
        let files: Vec<File> =
            files.map(|list| (0..list.length()).filter_map(|at| list.get(at)).collect()).unwrap_or_default();
        if files.is_empty() || progress.with_untracked(Option::is_some) {
            return;
        }
        told.set(None);
        failure.set(None);
        leptos::task::spawn_local(async move {
            let of = files.len() as u64;
            let mut all = ImportStatus::default();
            for (file, at) in files.into_iter().zip(0..) {
                let _ = progress.try_set(Some((at, of)));
                match send(api, file).await {
                    Ok(one) => all = joined(all, one),
                    Err((name, refused)) => {
                        let words = untrack(|| format!("{name}: {}", refused.words(prefs)));
                        let _ = failure.try_update(|all| *all = Some(join(all.take(), words)));
                    }
                }
            }
            let _ = progress.try_set(None);
            let _ = told.try_set((all.dashboards > 0 || !all.problems.is_empty()).then_some(all));
            // The same files may be chosen again.
            input.set_value("");
            catalog.refresh();
        });
    };
    let words = move || {
        progress.get().map(|(at, of)| {
            said!(prefs, pages.grafana.progress, done = format.count(at), of = format.count(of)).to_string()
        })
    };
    view! {
        <section class="card">
            <h2>{say!(prefs, pages.grafana.files)}</h2>
            <div class="field">
                <label for="dashboard-files">{say!(prefs, pages.grafana.choose_files)}</label>
                <input
                    id="dashboard-files"
                    node_ref=input
                    type="file"
                    multiple
                    accept=".json,application/json"
                    aria-describedby="dashboard-files-help"
                    on:change=choose
                />
                <p class="help" id="dashboard-files-help">{say!(prefs, pages.grafana.files_help)}</p>
            </div>
            <p class="number" role="status">{drawn(words)}</p>
            <p class="error" role="alert">{drawn(move || failure.get())}</p>
            {drawn(move || told.get().map(report))}
        </section>
    }
}

fn join(before: Option<String>, words: String) -> String {
    before.map_or(words.clone(), |before| format!("{before} {words}"))
}

async fn send(api: Api, file: File) -> Result<ImportStatus, (String, Failure)> {
    let name = file.name();
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
    let Some(text) = text else {
        return Err((name, Failure::Unreadable("file".to_owned())));
    };
    let body = value_of(&[DashboardFile { name: name.clone(), text }]);
    api.post("catalog/files", &body).await.and_then(read).map_err(|failure| (name, failure))
}
