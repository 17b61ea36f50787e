//! Who is logged in.

use atalaya_api::people::{Role, Session};
use leptos::prelude::*;

/// What the app knows about the login.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Who {
    /// Not asked yet.
    #[default]
    Asking,
    /// Nobody has an account yet; the console's setup link makes the first.
    Nobody,
    /// Logged out.
    Out,
    In(Session),
    /// The login ended while the page was in use: the login stands over the stale page.
    Expired(Session),
}

impl Who {
    pub fn session(&self) -> Option<&Session> {
        match self {
            Who::In(session) | Who::Expired(session) => Some(session),
            _ => None,
        }
    }

    /// What an answer 401 makes of it: a page in use stays on screen.
    pub fn refused(self) -> Who {
        match self {
            Who::In(session) | Who::Expired(session) => Who::Expired(session),
            Who::Nobody => Who::Nobody,
            Who::Asking | Who::Out => Who::Out,
        }
    }
}

/// The login, in context.
#[derive(Clone, Copy)]
pub struct Account {
    pub who: RwSignal<Who>,
}

impl Account {
    pub fn provide() -> Self {
        let account = Account { who: RwSignal::new(Who::Asking) };
        provide_context(account);
        account
    }

    /// True if the role suffices; tracks.
    pub fn may(self, role: Role) -> bool {
        self.who.with(|who| who.session().is_some_and(|session| session.role >= role))
    }

    /// Operators and admins configure; viewers read. Tracks.
    pub fn may_configure(self) -> bool {
        self.may(Role::Operator)
    }
}

pub fn use_account() -> Account {
    expect_context()
}

#[cfg(test)]
mod tests {
    use atalaya_api::Timestamp;

    use super::*;

    #[test]
    fn an_expired_login_keeps_the_page() {
        let session = Session {
            username: "ana".into(),
            role: Role::Viewer,
            expires_at: Timestamp::UNIX_EPOCH,
            encrypted: true,
        };
        assert_eq!(Who::In(session.clone()).refused(), Who::Expired(session));
        assert_eq!(Who::Asking.refused(), Who::Out);
    }
}
