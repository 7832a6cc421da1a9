//! The report document: the answer, the evidence, the record.

use serde::{Deserialize, Serialize};
use suffit_core::{Assumption, Evidence};

use crate::banner::Banner;
use crate::error::ReportError;
use crate::figure::Figure;
use crate::format::Format;
use crate::num;
use crate::record::Record;
use crate::table::Table;
use crate::value::Estimate;

/// Everything a reader sees of one run.
///
/// Build it with [`Document::new`] and the methods below; check it with
/// [`Document::validate`]; render it with [`crate::html`], [`crate::markdown`],
/// [`crate::terminal`]. It is serialisable, so a run may keep it beside the HTML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Title of the report.
    pub title: String,
    /// The method's name, such as `symile`.
    pub method: String,
    /// One or two sentences under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Where the run stands.
    pub status: Status,
    /// The answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Banner>,
    /// Three to five key figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// The evidence, in the order of the argument.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Section>,
    /// What was assumed, checked or left unchecked, and what the method cannot say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// How to get it again.
    #[serde(default)]
    pub record: Record,
    /// Names of series in the order of their colours; names not listed follow in the order in
    /// which the figures bring them up. A name keeps its colour in every figure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series_order: Vec<String>,
}

impl Document {
    /// An empty report of a complete run.
    pub fn new(title: impl Into<String>, method: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            method: method.into(),
            summary: None,
            status: Status::Complete,
            verdicts: Vec::new(),
            cards: Vec::new(),
            sections: Vec::new(),
            limits: Vec::new(),
            record: Record::default(),
            series_order: Vec::new(),
        }
    }

    /// A sentence under the title.
    #[must_use]
    pub fn summary(mut self, text: impl Into<String>) -> Self {
        self.summary = Some(text.into());
        self
    }

    /// Where the run stands.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Adds a verdict: a [`Banner`], or what [`Banner::from`] makes of a verdict.
    #[must_use]
    pub fn verdict(mut self, banner: impl Into<Banner>) -> Self {
        self.verdicts.push(banner.into());
        self
    }

    /// Adds a key figure.
    #[must_use]
    pub fn card(mut self, card: Card) -> Self {
        self.cards.push(card);
        self
    }

    /// Adds a section of evidence.
    #[must_use]
    pub fn section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// Adds an assumption or an honesty note.
    #[must_use]
    pub fn limit(mut self, state: LimitState, text: impl Into<String>) -> Self {
        self.limits.push(Limit { state, text: text.into() });
        self
    }

    /// Sets the record.
    #[must_use]
    pub fn record(mut self, record: Record) -> Self {
        self.record = record;
        self
    }

    /// Checks that rows have as many cells as their table has columns, that the lists of every
    /// figure fit each other, and that file links stay inside the run directory.
    ///
    /// # Errors
    /// [`ReportError`], the first misfit found.
    pub fn validate(&self) -> Result<(), ReportError> {
        for block in self.sections.iter().flat_map(|section| &section.blocks) {
            match block {
                Block::Table(table) => table.validate()?,
                Block::Figure(figure) => figure.validate()?,
                Block::Paragraph { .. } | Block::List { .. } | Block::Note { .. } | Block::Code { .. } => {}
            }
        }
        match self.record.files.iter().find(|file| !file.inside()) {
            Some(file) => Err(ReportError::FileOutside { path: file.path.clone() }),
            None => Ok(()),
        }
    }

    /// Fixes the order of colours by series name.
    #[must_use]
    pub fn series_order<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.series_order = names.into_iter().map(Into::into).collect();
        self
    }
}

/// Where the run stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Status {
    /// Everything ran.
    Complete,
    /// Still at work; the report shows what is there so far.
    Running {
        /// What it is doing: "epoch 12 of 60".
        step: String,
        /// Share done in [0, 1], where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<f64>,
    },
    /// Stopped by a person or a signal after a checkpoint.
    Interrupted {
        /// Where it stopped: "after step 1,200 of 4,000".
        at: String,
        /// The command that goes on from there.
        resume: String,
    },
    /// Stopped by an error.
    Failed {
        /// Where it stopped.
        at: String,
        /// The cause, in the words of the error.
        cause: String,
        /// One thing to do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
        /// The command that goes on from the last checkpoint, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<String>,
    },
}

/// A key figure with what to compare it to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What it is.
    pub label: String,
    /// The figure.
    pub value: CardValue,
    /// How it and its baselines are printed.
    #[serde(default)]
    pub format: Format,
    /// Chance, trivial baseline, target, ceiling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baselines: Vec<Baseline>,
    /// A few words of context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The figure of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CardValue {
    /// A number, maybe with an interval.
    Number(Estimate),
    /// Words: "8 of 10 seeds".
    Text(String),
}

/// A named number to compare with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// "chance", "pairwise", "target".
    pub label: String,
    /// Its value.
    #[serde(with = "num")]
    pub value: f64,
}

impl Card {
    /// A number.
    pub fn new(label: impl Into<String>, value: impl Into<Estimate>, format: Format) -> Self {
        Self { label: label.into(), value: CardValue::Number(value.into()), format, baselines: Vec::new(), note: None }
    }

    /// Words.
    pub fn text(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: CardValue::Text(text.into()),
            format: Format::auto(),
            baselines: Vec::new(),
            note: None,
        }
    }

    /// A baseline under the value.
    #[must_use]
    pub fn baseline(mut self, label: impl Into<String>, value: f64) -> Self {
        self.baselines.push(Baseline { label: label.into(), value });
        self
    }

    /// A few words under the value.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }
}

/// Three digits, the interval where there is one, every baseline.
impl From<&Evidence> for Card {
    fn from(evidence: &Evidence) -> Self {
        let mut value = Estimate::new(evidence.value).n(evidence.n);
        if let (Some(low), Some(high)) = (evidence.low, evidence.high) {
            value = value.interval(low, high);
        }
        let card = Self::new(&evidence.name, value, Format::digits(3));
        evidence.baselines.iter().fold(card, |card, (label, value)| card.baseline(label, *value))
    }
}

/// A part of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// What it holds, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
}

impl Section {
    /// An empty section.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    /// Adds any block.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Adds a paragraph of plain text.
    #[must_use]
    pub fn paragraph(self, text: impl Into<String>) -> Self {
        self.block(Block::Paragraph { text: text.into() })
    }

    /// Adds a bulleted list of plain text.
    #[must_use]
    pub fn list<S: Into<String>>(self, items: impl IntoIterator<Item = S>) -> Self {
        self.block(Block::List { items: items.into_iter().map(Into::into).collect() })
    }

    /// Adds a remark.
    #[must_use]
    pub fn note(self, text: impl Into<String>) -> Self {
        self.block(Block::Note { tone: Tone::Info, text: text.into() })
    }

    /// Adds a warning.
    #[must_use]
    pub fn caution(self, text: impl Into<String>) -> Self {
        self.block(Block::Note { tone: Tone::Caution, text: text.into() })
    }

    /// Adds a table.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        self.block(Block::Table(table))
    }

    /// Adds a figure.
    #[must_use]
    pub fn figure(self, figure: Figure) -> Self {
        self.block(Block::Figure(Box::new(figure)))
    }

    /// Adds a block of code or commands.
    #[must_use]
    pub fn code(self, text: impl Into<String>) -> Self {
        self.block(Block::Code { caption: None, text: text.into() })
    }
}

/// One piece of a section. All text is plain: no markup is read from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// Running text.
    Paragraph {
        /// The text.
        text: String,
    },
    /// A bulleted list.
    List {
        /// One text per bullet.
        items: Vec<String>,
    },
    /// A remark set apart.
    Note {
        /// How it is set.
        tone: Tone,
        /// The text.
        text: String,
    },
    /// A table.
    Table(Table),
    /// A figure.
    Figure(Box<Figure>),
    /// Code or commands, with a copy button on the page.
    Code {
        /// What it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
        /// The lines.
        text: String,
    },
}

/// How a remark is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Worth knowing.
    Info,
    /// Read before relying on the result.
    Caution,
}

/// An assumption or a limit of the method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What is known about it.
    pub state: LimitState,
    /// The assumption or the limit in words.
    pub text: String,
}

impl From<&Assumption> for Limit {
    fn from(assumption: &Assumption) -> Self {
        let state = match assumption.holds {
            Some(true) => LimitState::Holds,
            Some(false) => LimitState::Violated,
            None => LimitState::Unchecked,
        };
        Self { state, text: assumption.text.clone() }
    }
}

/// What is known about an assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitState {
    /// Checked and found to hold.
    Holds,
    /// Checked and found not to hold.
    Violated,
    /// Assumed; nothing here checks it.
    Unchecked,
    /// Not an assumption: something the method cannot say.
    Note,
}

impl LimitState {
    /// The word printed before it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Unchecked => "not checked",
            Self::Note => "note",
        }
    }
}
