//! The Wasm host: every check runs here, and reaches nothing, stalls nothing, takes no memory from others and
//! changes no other rule's verdict.
