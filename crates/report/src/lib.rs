//! What a person sees: the report document and its renderers.
//!
//! A method builds a [`Document`] — the answer, the evidence, the record — and never thinks
//! about pixels or columns. Three renderers read it:
//!
//! - [`html`]: one file that opens offline, with the page built from `web/` embedded and the
//!   document in one inert JSON block;
//! - [`markdown`]: the same content as text, with a table in the place of each figure;
//! - [`terminal`]: verdicts, key figures and tables in at most `width` columns. The command line
//!   uses [`terminal_table`] and [`terminal_verdict`] on their own, too.
//!
//! All three print a number by the rules of [`Format`], so a value reads the same everywhere.
//! Rendering is a pure function of the document: same document, same bytes.
//!
//! ```
//! use suffit_report::{cells, Document, Estimate, Section, Table};
//!
//! let table = Table::new("Retrieval")
//!     .text("from")
//!     .estimate("top-1", 3)
//!     .number("chance", 3)
//!     .row(cells!["a + b", Estimate::new(0.75).interval(0.70, 0.80).n(400), 0.01]);
//! let document = Document::new("Layout", "example")
//!     .section(Section::new("Evidence").table(table));
//! document.validate()?;
//! let text = suffit_report::terminal(&document, 100, false);
//! assert!(text.contains("a + b   0.750  [0.700, 0.800]    0.010"));
//! # Ok::<(), suffit_report::ReportError>(())
//! ```

mod banner;
mod document;
mod error;
mod figure;
mod format;
mod html;
mod markdown;
mod num;
mod record;
mod table;
mod terminal;
mod value;

pub use banner::{Banner, Margin, Side};
pub use document::{Baseline, Block, Card, CardValue, Document, Limit, LimitState, Section, Status, Tone};
pub use error::ReportError;
pub use figure::{
    Axis, Bar, Bars, Calibration, CalibrationBin, CalibrationCurve, Chart, Colours, Figure, Heat, Histogram,
    HistogramSeries, IntervalRow, Intervals, Lines, Points, Reference, ReferenceRole, Scale, Scatter, Series,
    SubsetRow, Subsets,
};
pub use format::Format;
pub use html::html;
pub use markdown::{markdown, markdown_table};
pub use record::{Command, Fact, FileLink, Input, Record, Setting};
pub use suffit_core::Answer;
pub use table::{Cell, Column, ColumnKind, Row, RowKind, Table};
pub use terminal::{terminal, terminal_cards, terminal_line, terminal_table, terminal_verdict};
pub use value::{Estimate, Interval};
