//! What is about to be done, before anything is done: the data as understood, the configuration as
//! resolved, the cost. `fit` and `new` and `check` begin with it.

use std::sync::Arc;

use serde_json::{Value, json};
use suffit_core::method::Cost;
use suffit_core::{AnyMethod, Dataset, FileInfo, Kind, Result, Role, units};
use suffit_data::Decision;

use crate::flags::DataArgs;
use crate::settings::Session;

/// Data that was opened, and what was decided about it.
pub struct Understood {
    /// What was asked for.
    pub args: DataArgs,
    /// The data.
    pub dataset: Dataset,
    /// Decisions in the order in which they were taken.
    pub decisions: Vec<Decision>,
    /// The files behind it, with digests.
    pub files: Vec<FileInfo>,
}

impl Understood {
    /// Opens the data.
    ///
    /// # Errors
    /// Those of the readers.
    pub fn open(args: DataArgs) -> Result<Self> {
        let (dataset, decisions) = suffit_data::open(&args.request()?)?;
        let files = dataset.source.files()?;
        Ok(Understood { args, dataset, decisions, files })
    }

    /// The line that says what was understood; with `-v` every decision with its reason.
    pub fn echo(&self, session: &Session) {
        let mut parts = vec![self.dataset.name.clone()];
        if let Some(rows) = self.dataset.source.rows() {
            parts.push(format!("{} rows", units::count(rows)));
        }
        let views: Vec<String> = self.views().into_iter().map(|(name, width)| format!("{name}({width})")).collect();
        if !views.is_empty() {
            parts.push(format!("views {}", views.join(" ")));
        }
        for (role, columns) in self.dataset.roles.iter() {
            match role {
                Role::View(_) | Role::Present(_) => {}
                Role::Features => parts.push(format!("features {}", columns.len())),
                // a column named like its role is said once
                other if columns.iter().all(|c| *c == other.to_string()) => parts.push(other.to_string()),
                other => parts.push(format!("{other} {}", columns.join(" "))),
            }
        }
        if self.decisions.iter().any(|d| !d.given) && session.verbose == 0 {
            parts.push("guessed, see suffit check".to_owned());
        }
        session.out.field("data", parts.join(" · "));
        if session.verbose > 0 {
            for decision in &self.decisions {
                let how = if decision.given { "given" } else { "guessed" };
                session.out.field("", format!("{} {} — {how}: {}", decision.subject, decision.choice, decision.reason));
            }
        }
    }

    /// Why a role is bound as it is, in words.
    pub fn why(&self, role: &Role) -> String {
        let subject = role.to_string();
        let own = self.decisions.iter().find(|d| d.subject == subject);
        // guessed views are one decision for all of them
        let shared = || self.decisions.iter().find(|d| d.subject == "views" && matches!(role, Role::View(_)));
        match own.or_else(shared) {
            Some(decision) if !decision.given => format!("guessed: {}", decision.reason),
            _ => "as given".to_owned(),
        }
    }

    /// Views with the number of values per row.
    pub fn views(&self) -> Vec<(String, usize)> {
        let schema = self.dataset.source.schema();
        let width = |column: &String| match schema.field_with_name(column).map(|f| f.data_type().clone()) {
            Ok(arrow_schema::DataType::FixedSizeList(_, n)) => usize::try_from(n).unwrap_or(0),
            _ => 1,
        };
        let roles = &self.dataset.roles;
        let views = roles.views().into_iter().map(str::to_owned);
        views.map(|v| (v.clone(), roles.get(&Role::View(v)).iter().map(width).sum())).collect()
    }

    /// Bound columns by role, in binding order.
    pub fn roles(&self) -> Value {
        let roles = self.dataset.roles.iter().map(|(role, columns)| (role.to_string(), json!(columns)));
        Value::Object(roles.collect())
    }

    /// The content of a run's `data.json`.
    pub fn record(&self) -> Value {
        json!({
            "request": self.args,
            "name": self.dataset.name,
            "kind": self.dataset.kind,
            "rows": self.dataset.source.rows(),
            "files": self.files,
            "roles": self.roles(),
            "decisions": self.decisions,
        })
    }

    /// Whether the method takes this kind of data set.
    ///
    /// # Errors
    /// The kind is not among those that it takes.
    pub fn check_kind(&self, method: &dyn AnyMethod) -> Result<()> {
        let kinds = method.accepts().kinds;
        if kinds.contains(&self.dataset.kind) {
            return Ok(());
        }
        let words = |kinds: &[Kind]| kinds.iter().map(|k| word(*k)).collect::<Vec<_>>().join(" or ");
        Err(crate::failure::CliError::Kind {
            data: self.dataset.name.clone(),
            got: words(&[self.dataset.kind]),
            method: method.slug(),
            expected: words(&kinds),
            needs: method.accepts().required.join(", "),
        }
        .into())
    }
}

/// The name of a kind as it is written.
pub fn word(kind: Kind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(text)) => text,
        _ => format!("{kind:?}").to_lowercase(),
    }
}

/// The line that says what it will cost.
pub fn echo_cost(session: &Session, method: &Arc<dyn AnyMethod>, cost: &Cost) {
    session.out.field(
        "plan",
        format!(
            "{} · at most {} steps · about {}, {} of memory, {} of disk",
            method.slug(),
            units::count(cost.steps),
            units::seconds(cost.seconds),
            units::bytes(cost.memory_bytes),
            units::bytes(cost.disk_bytes)
        ),
    );
}
