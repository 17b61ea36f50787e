//! Loading components.

use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::domain::{Sha256, Unknown};

use super::bindings::CheckPluginPre;
use super::cache::{Cache, component_of_artefact};
use super::compile::{CompileError, CompilerCommand, compile};
use super::descriptor::{Descriptor, DescriptorError};
use super::engine::running_engine;
use super::instance::{Instance, Limiter};
use super::limits::HostLimits;
use super::loaded::Check;
use super::text::clean;

/// The host of all checks: one engine, one set of limits. Threads share it.
pub struct Host {
    engine: Engine,
    limits: Arc<HostLimits>,
    cache: Cache,
    compiler: CompilerCommand,
}

/// The host cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the Wasm engine cannot start with these limits: {0:#}")]
    Engine(wasmtime::Error),
    #[error("the directory {0} for compiled checks cannot be used: {1}")]
    Cache(PathBuf, std::io::Error),
}

/// A component is not a check that this host takes.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the component is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    #[error(transparent)]
    Compile(#[from] CompileError),
    #[error("it imports {}: a check imports nothing", .0.join(", "))]
    Imports(Vec<String>),
    #[error("it does not export the interface atalaya:check/check@1.0.0: {0}")]
    NotACheck(String),
    #[error("it cannot be loaded: {0}")]
    Artefact(String),
    #[error("it could not say what it is: {0}")]
    Silent(Unknown),
    #[error(transparent)]
    Descriptor(#[from] DescriptorError),
}

impl Host {
    /// A host with these limits. `cache_dir` (made if missing, closed to others) keeps compiled artefacts; `compiler` is
    /// run for each component that is not in it.
    ///
    /// # Errors
    /// The directory cannot be used, or the system grants less address space than the limits ask for.
    pub fn new(
        limits: HostLimits,
        cache_dir: PathBuf,
        compiler: CompilerCommand,
    ) -> Result<Arc<Host>, StartError> {
        let engine = running_engine(&limits).map_err(StartError::Engine)?;
        let cache = Cache::open(cache_dir.clone(), &engine, limits.artefact_bytes)
            .map_err(|error| StartError::Cache(cache_dir, error))?;
        Ok(Arc::new(Host { engine, limits: Arc::new(limits), cache, compiler }))
    }

    pub fn limits(&self) -> &HostLimits {
        &self.limits
    }

    /// Loads a component: compiles it unless that was done before, and asks it what it is.
    ///
    /// # Errors
    /// It is not a check, in words for whoever uploaded it.
    pub fn load(&self, wasm: &[u8]) -> Result<Arc<Check>, LoadError> {
        if wasm.len() > self.limits.component_bytes {
            return Err(LoadError::TooLarge(self.limits.component_bytes));
        }
        let sha256 = Sha256::of(wasm);
        let component = self.component(sha256, wasm)?;
        let imports = self.imports(&component);
        if !imports.is_empty() {
            return Err(LoadError::Imports(imports));
        }
        let pre = self.pre(&component)?;
        let mut instance = Instance::of(&pre, &self.limits).map_err(LoadError::Silent)?;
        let descriptor = Descriptor::read(instance.describe().map_err(LoadError::Silent)?)?;
        Ok(Arc::new(Check::new(sha256, wasm.len(), descriptor, pre, self.limits.clone())))
    }

    fn component(&self, sha256: Sha256, wasm: &[u8]) -> Result<Component, LoadError> {
        if let Some(component) = self.cache.load(&self.engine, sha256) {
            return Ok(component);
        }
        let artefact = compile(&self.compiler, &self.limits, wasm)?;
        if let Err(error) = self.cache.store(sha256, &artefact) {
            tracing::warn!(check = %sha256, %error, "a compiled check cannot be kept; it will be compiled again");
        }
        component_of_artefact(&self.engine, &artefact)
            .map_err(|error| LoadError::Artefact(clean(&format!("{error:#}"), 400)))
    }

    fn imports(&self, component: &Component) -> Vec<String> {
        let ty = component.component_type();
        ty.imports(&self.engine).take(20).map(|(name, _)| clean(name, 100)).collect()
    }

    fn pre(&self, component: &Component) -> Result<CheckPluginPre<Limiter>, LoadError> {
        let not_a_check = |error: wasmtime::Error| LoadError::NotACheck(clean(&format!("{error:#}"), 400));
        let linked = Linker::new(&self.engine).instantiate_pre(component).map_err(not_a_check)?;
        CheckPluginPre::new(linked).map_err(not_a_check)
    }
}
