//! Folders within folders: a search tells a dashboard's own folder only.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{Failure, Grafana};
use crate::source::remote::http::Form;

/// More than anybody has; whoever answers the same again and again gets this far.
const MOST: usize = 5_000;

/// Each folder's title with those around it, by uid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders(BTreeMap<String, String>);

impl Folders {
    /// Reads the tree from its top, a request for each folder that may have others in it.
    ///
    /// # Errors
    /// The first level cannot be read. What is deeper and cannot be read is left out.
    pub fn read(grafana: &Grafana, is_cancelled: impl Fn() -> bool) -> Result<Self, Failure> {
        let mut folders = Folders::default();
        let mut seen = HashSet::new();
        let mut open = folders.take(&children(grafana, None)?, None, &mut seen);
        while let Some((uid, path)) = open.pop() {
            if is_cancelled() || folders.0.len() > MOST {
                break;
            }
            if let Ok(inner) = children(grafana, Some(&uid)) {
                open.extend(folders.take(&inner, Some(&path), &mut seen));
            }
        }
        Ok(folders)
    }

    /// Takes those that were not seen yet: old versions know no folders within folders and give the first level again.
    fn take(
        &mut self,
        found: &[(String, String)],
        around: Option<&str>,
        seen: &mut HashSet<String>,
    ) -> Vec<(String, String)> {
        let new = found.iter().filter(|(uid, _)| seen.insert(uid.clone()));
        let new: Vec<(String, String)> = new
            .map(|(uid, title)| {
                let path = around.map_or_else(|| title.clone(), |around| format!("{around} / {title}"));
                (uid.clone(), path)
            })
            .collect();
        self.0.extend(new.iter().cloned());
        new
    }

    pub fn path(&self, uid: &str) -> Option<&str> {
        self.0.get(uid).map(String::as_str)
    }
}

fn children(grafana: &Grafana, of: Option<&str>) -> Result<Vec<(String, String)>, Failure> {
    let form = Form::default().with("limit", "1000");
    let form = match of {
        Some(uid) => form.with("parentUid", uid),
        None => form,
    };
    let json = grafana.get("/api/folders", &form)?;
    let text = |one: &Value, field: &str| one.get(field).and_then(Value::as_str).map(str::to_owned);
    let folders = json.as_array().into_iter().flatten();
    Ok(folders.filter_map(|one| Some((text(one, "uid")?, text(one, "title")?))).collect())
}
