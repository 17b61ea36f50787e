//! What a search and the list of data sources say.

use serde_json::Value;

/// A dashboard that a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// None before Grafana 5.
    pub uid: Option<String>,
    /// Its name in addresses, by which old versions give it out.
    pub slug: Option<String>,
    pub title: String,
    pub folder_uid: Option<String>,
    pub folder_title: Option<String>,
    /// Below Grafana's own address.
    pub url: Option<String>,
}

impl Found {
    /// None: it is no dashboard (a folder, say), or has no name at all.
    pub fn read(json: &Value) -> Option<Self> {
        let text = |field: &str| json.get(field)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let slug = text("uri").and_then(|uri| uri.strip_prefix("db/").map(str::to_owned));
        let slug = slug.or_else(|| text("slug"));
        let is_dashboard = text("type").is_none_or(|kind| kind == "dash-db");
        let found = Found {
            uid: text("uid"),
            slug,
            title: text("title").unwrap_or_default(),
            folder_uid: text("folderUid"),
            folder_title: text("folderTitle"),
            url: text("url"),
        };
        (is_dashboard && (found.uid.is_some() || found.slug.is_some())).then_some(found)
    }

    /// By what it is known in the catalog.
    pub fn key(&self) -> &str {
        self.uid.as_deref().or(self.slug.as_deref()).unwrap_or_default()
    }
}

/// A data source of Grafana's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundDatasource {
    pub uid: String,
    pub name: String,
    pub kind: String,
    pub url: String,
    pub is_default: bool,
}

impl FoundDatasource {
    /// Before Grafana 7 a data source has a number only.
    pub fn read(json: &Value) -> Option<Self> {
        let text = |field: &str| json.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let uid = Some(text("uid")).filter(|uid| !uid.is_empty());
        let uid = uid.or_else(|| Some(json.get("id")?.as_i64()?.to_string()))?;
        Some(FoundDatasource {
            uid,
            name: text("name"),
            kind: text("type"),
            url: text("url"),
            is_default: json.get("isDefault").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}
