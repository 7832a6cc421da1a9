//! The words everyone in suffit uses: errors and exit codes, the context of a run, seeds,
//! configuration, run directories, checkpoints, metrics, model cards, datasets, verdicts and the
//! [`Method`] contract. No mathematics and no file formats beyond the run directory.

pub mod card;
pub mod checkpoint;
pub mod config;
pub mod ctx;
pub mod dataset;
pub mod error;
pub mod files;
pub mod golden;
pub mod method;
pub mod metrics;
pub mod run;
pub mod seed;
pub mod text;
pub mod units;
pub mod verdict;

pub use checkpoint::Checkpoints;
pub use config::TrainConfig;
pub use ctx::{Cancel, Clock, Ctx, Device, Event, Progress, Silent, SystemClock};
pub use dataset::{Dataset, FileInfo, Kind, Location, Role, Roles, Source};
pub use error::{Cause, Error, Exit, Family, Result, SourceSpan};
pub use method::{AnyMethod, Method};
pub use metrics::Metrics;
pub use run::{Run, RunSpec, Status};
pub use seed::{Seed, Stream};
pub use verdict::{Answer, Assumption, Effect, Evidence, Verdict};
