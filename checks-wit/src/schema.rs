//! The params' JSON Schema, reduced to the subset that a form needs (`checks-wit/README.md`).

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The schema of a check's struct as the contract wants it.
pub fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Value::Object(root) = &mut schema {
        root.remove("title");
    }
    simplify(&mut schema);
    schema
}

/// Says what Rust's types say in the words of the subset, all the way down.
fn simplify(schema: &mut Value) {
    if let Value::Object(node) = schema {
        unwrap_optional(node);
        constants_to_enum(node);
        single_type(node);
        if node.get("default") == Some(&Value::Null) {
            node.remove("default");
        }
        // Rust's number formats (double, uint32) mean nothing to a form.
        if node.get("format").is_some_and(|format| format != "time") {
            node.remove("format");
        }
        if let Some(Value::Object(properties)) = node.get_mut("properties") {
            properties.values_mut().for_each(simplify);
        }
        if let Some(items) = node.get_mut("items") {
            simplify(items);
        }
    }
}

/// `anyOf: [X, null]` (an `Option` of an enum or struct) is X, and simply not required.
fn unwrap_optional(node: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = node.get("anyOf") else {
        return;
    };
    let is_null = |variant: &&Value| variant["type"] == "null";
    let rest: Vec<&Value> = variants.iter().filter(|v| !is_null(v)).collect();
    if let [Value::Object(only)] = rest[..] {
        let only = only.clone();
        node.remove("anyOf");
        for (key, value) in only {
            node.entry(key).or_insert(value);
        }
    }
}

/// `oneOf: [{const: a}, {const: b}]` (an enum whose variants carry docs) is `enum: [a, b]`.
fn constants_to_enum(node: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = node.get("oneOf") else {
        return;
    };
    let constants: Option<Vec<Value>> = variants.iter().map(|v| v.get("const").cloned()).collect();
    if let Some(constants) = constants {
        node.remove("oneOf");
        node.insert("type".to_owned(), "string".into());
        node.insert("enum".to_owned(), Value::Array(constants));
    }
}

/// `type: [T, "null"]` is T; null in an enum goes as well.
fn single_type(node: &mut Map<String, Value>) {
    if let Some(Value::Array(values)) = node.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let Some(Value::Array(types)) = node.get_mut("type") else {
        return;
    };
    types.retain(|name| name != "null");
    if types.len() == 1 {
        let only = types.remove(0);
        node.insert("type".to_owned(), only);
    }
}

/// Every word of the schema that is outside the contract's subset, as paths; empty when all is well.
pub fn outside_subset(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(schema, "", &mut found);
    found
}

const KEYWORDS: [&str; 17] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "enum",
    "format",
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "pattern",
    "description",
    "maxLength",
];
const EXTENSIONS: [&str; 7] =
    ["x-title", "x-help", "x-unit", "x-order", "x-show-if", "x-type-if", "x-enum-titles"];

fn collect(schema: &Value, path: &str, found: &mut Vec<String>) {
    let Value::Object(node) = schema else {
        found.push(format!("{path}: not an object"));
        return;
    };
    for key in node.keys() {
        if !KEYWORDS.contains(&&**key) && !EXTENSIONS.contains(&&**key) {
            found.push(format!("{path}/{key}"));
        }
    }
    if let Some(Value::Object(properties)) = node.get("properties") {
        for (name, property) in properties {
            collect(property, &format!("{path}/{name}"), found);
        }
    }
    if let Some(items) = node.get("items") {
        collect(items, &format!("{path}[]"), found);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Params {
        #[schemars(extend("x-title" = {"es": "Límite", "en": "Limit"}, "x-order" = 1))]
        limit: Option<f64>,
        side: Option<Side>,
        #[serde(default = "two")]
        #[schemars(range(min = 1, max = 9))]
        count: u32,
        times: Vec<Side>,
    }

    fn two() -> u32 {
        2
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        /// Over it.
        Above,
        /// Under it.
        Below,
    }

    #[test]
    fn a_derived_schema_is_reduced_to_what_a_form_needs() {
        let side = json!({"type": "string", "enum": ["above", "below"]});
        let expected = json!({
            "type": "object", "additionalProperties": false, "required": ["times"],
            "properties": {
                "limit": {"type": "number", "x-title": {"es": "Límite", "en": "Limit"}, "x-order": 1},
                "side": side,
                "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2},
                "times": {"type": "array", "items": side},
            }
        });
        assert_eq!(of::<Params>(), expected);
        assert_eq!(outside_subset(&of::<Params>()), Vec::<String>::new());
    }

    #[test]
    fn words_outside_the_subset_are_found_with_their_path() {
        let schema =
            json!({"type": "object", "properties": {"a": {"type": "array", "items": {"oneOf": []}}}});
        assert_eq!(outside_subset(&schema), ["/a[]/oneOf"]);
    }
}
