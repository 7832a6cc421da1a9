//! Model cards: the `README.md` of a run, with front matter that a model hub reads.
//!
//! The front matter follows the fields of Hugging Face model cards (`library_name`, `tags`,
//! `license`, `datasets`, `metrics`, `model-index`); data sets are named with their digests under
//! `suffit`, since they need not be on a hub. Texts are written as quoted YAML, so that no name of
//! a column or file can change the structure.

use std::fmt::Write as _;

/// What a model card says. Empty lists and absent values leave their part out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelCard {
    /// Title of the model.
    pub title: String,
    /// Slug of the method.
    pub method: String,
    /// Version of suffit.
    pub version: String,
    /// Tags beside `suffit` and the method.
    pub tags: Vec<String>,
    /// Licence identifier, only where it is known.
    pub license: Option<String>,
    /// One paragraph: what the model does.
    pub summary: String,
    /// Paper behind the method.
    pub paper: String,
    /// Data it was trained on.
    pub datasets: Vec<CardDataset>,
    /// What was measured.
    pub metrics: Vec<CardMetric>,
    /// The answer to the question asked, as one sentence.
    pub verdict: Option<String>,
    /// What it should not be used for, and what was not checked.
    pub limits: Vec<String>,
    /// How to use it: a command.
    pub usage: String,
    /// How to make it again: a command.
    pub recreate: String,
    /// Root seed.
    pub seed: u64,
}

/// A data set in a card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardDataset {
    /// Its name.
    pub name: String,
    /// BLAKE3 digest, hexadecimal.
    pub digest: String,
    /// Number of rows.
    pub rows: u64,
}

/// A measured value in a card.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CardMetric {
    /// What was measured, such as `accuracy`.
    pub name: String,
    /// On which data set and part, such as `digits, test`.
    pub data: String,
    /// The value.
    pub value: f64,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// Baselines by name.
    pub baselines: Vec<(String, f64)>,
}

impl ModelCard {
    /// The card as Markdown with front matter.
    pub fn markdown(&self) -> String {
        let mut out = self.front_matter();
        let mut push = |text: String| out.push_str(&text);
        push(format!("\n# {}\n\n{}\n", escape(&self.title), escape(&self.summary)));
        if let Some(verdict) = &self.verdict {
            push(format!("\n**{}**\n", escape(verdict)));
        }
        push(self.metrics_table());
        push(self.datasets_table());
        if !self.limits.is_empty() {
            push("\n## Limits\n\n".to_owned());
            self.limits.iter().for_each(|l| push(format!("- {}\n", escape(l))));
        }
        for (heading, command) in [("Use", &self.usage), ("Make it again", &self.recreate)] {
            if !command.is_empty() {
                push(format!("\n## {heading}\n\n{}", fenced(command)));
            }
        }
        if !self.paper.is_empty() {
            push(format!("\n## Method\n\n{}\n", escape(&self.paper)));
        }
        out
    }

    fn front_matter(&self) -> String {
        let mut out = String::from("---\nlibrary_name: suffit\n");
        let mut tags = vec!["suffit".to_owned(), self.method.clone()];
        tags.extend(self.tags.iter().filter(|t| !["suffit", &self.method].contains(&t.as_str())).cloned());
        out.push_str("tags:\n");
        tags.iter().for_each(|tag| line(&mut out, 0, "-", tag));
        if let Some(license) = &self.license {
            line(&mut out, 0, "license:", license);
        }
        if !self.metrics.is_empty() {
            self.model_index(&mut out);
        }
        out.push_str("suffit:\n");
        line(&mut out, 2, "method:", &self.method);
        line(&mut out, 2, "version:", &self.version);
        let _ = writeln!(out, "  seed: {}", self.seed);
        if !self.datasets.is_empty() {
            out.push_str("  datasets:\n");
        }
        for data in &self.datasets {
            line(&mut out, 4, "- name:", &data.name);
            line(&mut out, 6, "blake3:", &data.digest);
            let _ = writeln!(out, "      rows: {}", data.rows);
        }
        out.push_str("---\n");
        out
    }

    fn model_index(&self, out: &mut String) {
        let mut names: Vec<&str> = Vec::new();
        for metric in &self.metrics {
            if !names.contains(&metric.name.as_str()) {
                names.push(&metric.name);
            }
        }
        out.push_str("metrics:\n");
        names.iter().for_each(|name| line(out, 0, "-", name));
        out.push_str("model-index:\n");
        line(out, 0, "- name:", &self.title);
        out.push_str("  results:\n");
        for metric in &self.metrics {
            out.push_str("  - task:\n");
            line(out, 6, "type:", "feature-extraction");
            out.push_str("    dataset:\n");
            line(out, 6, "type:", &metric.data);
            line(out, 6, "name:", &metric.data);
            out.push_str("    metrics:\n");
            line(out, 4, "- type:", &metric.name);
            line(out, 6, "name:", &metric.name);
            let _ = writeln!(out, "      value: {}", number(metric.value));
        }
    }

    fn metrics_table(&self) -> String {
        if self.metrics.is_empty() {
            return String::new();
        }
        let mut columns: Vec<&str> = Vec::new();
        for (name, _) in self.metrics.iter().flat_map(|m| &m.baselines) {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
        let mut out = String::from("\n## Measured\n\n| what | data | value [95 %] |");
        columns.iter().for_each(|c| out.push_str(&format!(" {} |", cell(c))));
        out.push_str("\n|---|---|---|");
        columns.iter().for_each(|_| out.push_str("---|"));
        for metric in &self.metrics {
            let interval = metric.interval.map_or_else(String::new, |(low, high)| format!(" [{low:.3}, {high:.3}]"));
            let _ =
                write!(out, "\n| {} | {} | {:.3}{interval} |", cell(&metric.name), cell(&metric.data), metric.value);
            for column in &columns {
                let value = metric.baselines.iter().find(|(name, _)| name == column);
                out.push_str(&value.map_or_else(|| " – |".to_owned(), |(_, v)| format!(" {v:.3} |")));
            }
        }
        out.push('\n');
        out
    }

    fn datasets_table(&self) -> String {
        if self.datasets.is_empty() {
            return String::new();
        }
        let mut out = String::from("\n## Data\n\n| data | rows | BLAKE3 |\n|---|---|---|\n");
        for data in &self.datasets {
            let _ = writeln!(
                out,
                "| {} | {} | `{}` |",
                cell(&data.name),
                crate::units::count(data.rows),
                cell(&data.digest)
            );
        }
        out
    }
}

/// `key "text"`: a JSON text is a double-quoted YAML scalar.
fn line(out: &mut String, indent: usize, key: &str, text: &str) {
    let _ = writeln!(out, "{:indent$}{key} {}", "", serde_json::Value::from(text));
}

/// YAML's words for what JSON has no numbers for.
fn number(value: f64) -> String {
    match value {
        v if v.is_nan() => ".nan".to_owned(),
        v if v.is_infinite() => if v > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        v => format!("{v:?}"),
    }
}

/// Text that stays text in Markdown: no tags, links or emphasis out of a name.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The same inside a table.
fn cell(text: &str) -> String {
    escape(text).replace('|', "\\|")
}

/// A code block whose fence is longer than any in the text.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}sh\n{}\n{fence}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> ModelCard {
        ModelCard {
            title: "Symile on digits".into(),
            method: "symile".into(),
            version: "0.1.0".into(),
            tags: vec!["multimodal".into(), "symile".into()],
            license: None,
            summary: "Finds the missing view.".into(),
            paper: "Paper (2024).".into(),
            datasets: vec![CardDataset { name: "a: \"b\"\n- c".into(), digest: "00ff".into(), rows: 2000 }],
            metrics: vec![CardMetric {
                name: "top-1".into(),
                data: "digits, test".into(),
                value: 0.5,
                interval: Some((0.4, 0.6)),
                baselines: vec![("chance".into(), 0.002)],
            }],
            verdict: None,
            limits: vec!["Only <b>digits</b>.".into()],
            usage: "suffit apply RUN data.parquet".into(),
            recreate: String::new(),
            seed: 7,
        }
    }

    #[test]
    fn a_card_reads_like_this() {
        let expected = r#"---
library_name: suffit
tags:
- "suffit"
- "symile"
- "multimodal"
metrics:
- "top-1"
model-index:
- name: "Symile on digits"
  results:
  - task:
      type: "feature-extraction"
    dataset:
      type: "digits, test"
      name: "digits, test"
    metrics:
    - type: "top-1"
      name: "top-1"
      value: 0.5
suffit:
  method: "symile"
  version: "0.1.0"
  seed: 7
  datasets:
    - name: "a: \"b\"\n- c"
      blake3: "00ff"
      rows: 2000
---

# Symile on digits

Finds the missing view.

## Measured

| what | data | value [95 %] | chance |
|---|---|---|---|
| top-1 | digits, test | 0.500 [0.400, 0.600] | 0.002 |

## Data

| data | rows | BLAKE3 |
|---|---|---|
| a: "b" - c | 2,000 | `00ff` |

## Limits

- Only &lt;b>digits&lt;/b>.

## Use

```sh
suffit apply RUN data.parquet
```

## Method

Paper (2024).
"#;
        assert_eq!(card().markdown(), expected);
    }

    #[test]
    fn nothing_known_gives_the_smallest_card() {
        let text =
            ModelCard { title: "T".into(), method: "m".into(), version: "0".into(), ..ModelCard::default() }.markdown();
        assert!(!text.contains("license") && !text.contains("model-index") && !text.contains("##"), "{text}");
    }

    #[test]
    fn numbers_without_json_form_are_yaml() {
        assert_eq!(
            (number(f64::NAN), number(f64::INFINITY), number(f64::NEG_INFINITY)),
            (".nan".into(), ".inf".into(), "-.inf".into())
        );
        assert_eq!(number(1.0), "1.0");
    }

    #[test]
    fn fences_outgrow_their_content() {
        assert_eq!(fenced("a ``` b"), "````sh\na ``` b\n````\n");
    }
}
