//! Identities. Rules and users get random ones that sort by time; an alarm's follows from what it is about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                $name(Uuid::from_bytes(bytes))
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map($name)
            }
        }
    };
}

/// Those that are drawn when the thing is made.
macro_rules! drawn {
    ($($name:ident)+) => {
        $(impl $name {
            /// A new one (UUID version 7: sorts by the time it was made).
            #[expect(clippy::disallowed_methods, reason = "identities are made here and nowhere else")]
            pub fn generate() -> Self {
                $name(Uuid::now_v7())
            }
        })+
    };
}

id!(
    /// A rule.
    RuleId
);
id!(
    /// An alarm: one occurrence.
    AlarmId
);
id!(
    /// A template.
    TemplateId
);
id!(
    /// Somebody who may log in.
    UserId
);

id!(
    /// One taking over of a history.
    ImportId
);
id!(
    /// A mute.
    MuteId
);
id!(
    /// A planned maintenance.
    MaintenanceId
);
id!(
    /// A group of users.
    GroupId
);

drawn! { RuleId TemplateId UserId ImportId MuteId MaintenanceId GroupId }

impl AlarmId {
    /// The alarm that the subject's transition number `seq` raised.
    ///
    /// Derived, not drawn, so that deciding stays pure and writing the same transition twice makes one alarm.
    pub fn raised_by(subject_key: &str, seq: u64) -> Self {
        let mut hash = sha2::Sha256::new();
        hash.update(subject_key.as_bytes());
        hash.update([0]);
        hash.update(seq.to_le_bytes());
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        AlarmId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// The identity of bytes, e.g. of a check's component.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    pub fn of(bytes: &[u8]) -> Self {
        Sha256(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
