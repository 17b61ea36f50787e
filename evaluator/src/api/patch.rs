//! Changing a part of something: JSON merge patch (RFC 7396) with the version that was read.

use serde_json::{Map, Value};

use super::problem::Fault;

/// Takes `version` out of a patch: the version that whoever sends it has seen.
///
/// # Errors
/// The patch is no object, or the version no number.
pub fn take_version(mut patch: Value) -> Result<(Value, Option<u64>), Fault> {
    let Some(members) = patch.as_object_mut() else {
        return Err(Fault::field("body", "must be an object", "debe ser un objeto"));
    };
    let version = match members.remove("version") {
        None => None,
        Some(value) => Some(value.as_u64().ok_or_else(|| {
            Fault::field(
                "version",
                "must be a whole number, zero or more",
                "debe ser un número entero, cero o mayor",
            )
        })?),
    };
    Ok((patch, version))
}

/// Objects are merged member by member, null removes, all else replaces.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}
