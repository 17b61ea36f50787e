//! How Grafana is reached, as it is typed, and what a load says of itself.

use atalaya_api::catalog::{GrafanaSettings, ImportPhase, ImportStatus};

use super::wrong::{What, Wrong};

const LONGEST_WAIT: u16 = 120;

/// All that is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrafanaForm {
    pub url: String,
    /// Never shown again once it is saved; empty: as it is.
    pub token: String,
    /// The token that is kept is to go.
    pub drop_token: bool,
    /// Empty: the token's own.
    pub organisation: String,
    pub ca: String,
    /// Seconds; empty: the usual.
    pub timeout: String,
}

impl GrafanaForm {
    /// The form of what is kept. What is as usual is left empty.
    pub fn of(settings: &GrafanaSettings) -> Self {
        let usual = GrafanaSettings::default().timeout_s;
        let timeout = Some(settings.timeout_s).filter(|timeout| *timeout != usual);
        GrafanaForm {
            url: settings.url.clone(),
            organisation: settings.organisation.map(|number| number.to_string()).unwrap_or_default(),
            ca: settings.ca_pem.clone(),
            timeout: timeout.map(|timeout| timeout.to_string()).unwrap_or_default(),
            ..GrafanaForm::default()
        }
    }

    /// What is sent, or all that is wrong. A token is sent where one was typed, or an empty one where the kept one is to go.
    pub fn settings(&self) -> Result<GrafanaSettings, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let mut wrong = |field: &str, max: u32| {
            wrongs.push(Wrong::new(field, What::WholeBetween { min: 1, max }));
        };
        let organisation = match self.organisation.trim() {
            "" => None,
            text => text.parse::<u32>().ok().filter(|number| *number > 0).or_else(|| {
                wrong("organisation", u32::MAX);
                None
            }),
        };
        let usual = GrafanaSettings::default().timeout_s;
        let timeout_s = match self.timeout.trim().trim_end_matches('s') {
            "" => usual,
            text => text.parse().ok().filter(|wait| (1..=LONGEST_WAIT).contains(wait)).unwrap_or_else(|| {
                wrong("timeout_s", u32::from(LONGEST_WAIT));
                usual
            }),
        };
        let typed = Some(self.token.trim().to_owned()).filter(|token| !token.is_empty());
        let settings = GrafanaSettings {
            url: self.url.trim().to_owned(),
            token: typed.or_else(|| self.drop_token.then(String::new)),
            has_token: false,
            organisation: organisation.map(u64::from),
            ca_pem: self.ca.trim().to_owned(),
            timeout_s,
        };
        if wrongs.is_empty() { Ok(settings) } else { Err(wrongs) }
    }
}

/// It has an outcome to tell.
pub fn has_report(status: &ImportStatus) -> bool {
    matches!(status.phase, ImportPhase::Done | ImportPhase::Cancelled | ImportPhase::Failed)
}

/// What several uploads came to, as one report.
pub fn joined(mut all: ImportStatus, one: ImportStatus) -> ImportStatus {
    all.phase = one.phase;
    all.dashboards += one.dashboards;
    all.panels += one.panels;
    all.targets += one.targets;
    all.added += one.added;
    all.changed += one.changed;
    all.removed += one.removed;
    all.drifted += one.drifted;
    all.problems_total += one.problems_total.max(one.problems.len() as u64);
    all.problems.extend(one.problems);
    all.joined.extend(one.joined);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> GrafanaForm {
        GrafanaForm { url: " 10.0.0.4:3000 ".to_owned(), ..GrafanaForm::default() }
    }

    #[test]
    fn a_token_is_sent_only_where_one_was_typed_or_is_to_go() {
        assert_eq!(
            typed().settings().map(|sent| (sent.url, sent.token)),
            Ok(("10.0.0.4:3000".to_owned(), None))
        );
        let dropped = GrafanaForm { drop_token: true, ..typed() };
        assert_eq!(dropped.settings().map(|sent| sent.token), Ok(Some(String::new())));
        let anew = GrafanaForm { token: "glsa_1 ".to_owned(), ..dropped };
        assert_eq!(anew.settings().map(|sent| sent.token), Ok(Some("glsa_1".to_owned())));
    }

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let kept = GrafanaSettings {
            url: "https://grafana.example".to_owned(),
            has_token: true,
            organisation: Some(7),
            timeout_s: 60,
            ..GrafanaSettings::default()
        };
        let form = GrafanaForm::of(&kept);
        assert_eq!((form.token.as_str(), form.timeout.as_str()), ("", "60"));
        let sent = form.settings();
        assert_eq!(sent.map(|sent| (sent.organisation, sent.timeout_s)), Ok((Some(7), 60)));
        assert_eq!(GrafanaForm::of(&GrafanaSettings::default()), GrafanaForm::default());
    }

    #[test]
    fn numbers_that_cannot_be_are_told_at_their_fields() {
        let wrong = GrafanaForm { organisation: "main".to_owned(), timeout: "0".to_owned(), ..typed() };
        let fields =
            wrong.settings().err().map(|all| all.into_iter().map(|one| one.field).collect::<Vec<_>>());
        assert_eq!(fields, Some(vec!["organisation".to_owned(), "timeout_s".to_owned()]));
        assert!(GrafanaForm { timeout: "121".to_owned(), ..typed() }.settings().is_err());
        assert_eq!(
            GrafanaForm { timeout: "45s".to_owned(), ..typed() }.settings().map(|sent| sent.timeout_s),
            Ok(45)
        );
    }

    #[test]
    fn several_uploads_are_told_as_one() {
        let one = ImportStatus {
            dashboards: 1,
            panels: 3,
            added: 1,
            phase: ImportPhase::Done,
            ..ImportStatus::default()
        };
        let both = joined(
            joined(ImportStatus::default(), one.clone()),
            ImportStatus { changed: 1, added: 0, ..one },
        );
        assert_eq!((both.dashboards, both.panels, both.added, both.changed), (2, 6, 1, 1));
        assert!(has_report(&both) && !has_report(&ImportStatus::default()));
    }
}
