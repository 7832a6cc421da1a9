//! M3-mini: real audio, real images and number words, drawn as in the Symile-M3 benchmark (symile.md,
//! Experiment 5). The tuples are part of the bundled index table.

use suffit_core::{Result, Role};

use super::{Sample, view};
use crate::bundle;
use crate::error::FormatError;
use crate::label::{labels, texts};
use crate::split::Part;
use crate::view::{ViewMatrix, ViewOptions, view_matrix};

/// Languages (speakers) and classes of the text features.
const LANGUAGES: usize = 6;
const CLASSES: usize = 10;

/// First image row that only test tuples use.
const TEST_IMAGES: usize = 1_500;

/// The benchmark with a number of words.
#[derive(Debug, Clone, PartialEq)]
pub struct M3Mini {
    /// Words in the text: 2 or 5. Pairwise methods reach at most 1/words.
    pub words: usize,
    /// All recordings: `[3000, 320]` log-mel features.
    pub audio: ViewMatrix,
    /// All images: `[1797, 64]`, values 0 to 16.
    pub image: ViewMatrix,
    /// The digit of every image.
    pub image_class: Vec<u32>,
    vocabulary: Vec<Vec<String>>,
    tuples: Vec<Tuple>,
}

#[derive(Debug, Clone, PartialEq)]
struct Tuple {
    part: Part,
    audio: usize,
    image: usize,
    class: u32,
    text: Vec<(usize, usize)>,
}

/// One part of the benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct M3Part {
    /// Views `audio` `[N, 320]`, `image` `[N, 64]`, `text` `[N, 60]` (multi-hot, index language x 10 +
    /// class); the label is the class.
    pub sample: Sample,
    /// Row of the recording in [`M3Mini::audio`].
    pub audio_row: Vec<usize>,
    /// Row of the image in [`M3Mini::image`].
    pub image_row: Vec<usize>,
    /// (language, class) of each word.
    pub text: Vec<Vec<(usize, usize)>>,
}

impl M3Mini {
    /// From the bundled tables. 2 and 5 words; test has 2,000 tuples, val 1,000, train 20,000.
    ///
    /// # Errors
    /// Another number of words.
    pub fn open(words: usize) -> Result<Self> {
        if words != 2 && words != 5 {
            return Err(super::GenerateError::Range {
                what: "the number of words",
                got: words as f64,
                expected: "2 or 5",
            }
            .into());
        }
        let bundle::Fsdd { audio, image, index, spoken } = bundle::fsdd()?;
        let options = ViewOptions::default();
        let mut audio_view = view_matrix(&audio, "logmel", &options)?;
        let image_view = view_matrix(&image, "image", &options)?;
        audio_view.name = "audio".to_owned();
        let image_class = match labels(&image)? {
            Some(labels) => labels.complete(&image, &Role::Label)?,
            None => Vec::new(),
        };
        let column = |name: String| -> Result<Vec<usize>> {
            let texts = texts(&*index, &name, "bundled:fsdd", "an index")?;
            let numbers: Option<Vec<usize>> = texts.iter().map(|t| t.as_deref().and_then(|t| t.parse().ok())).collect();
            numbers.ok_or_else(|| {
                let (path, got) = ("bundled:fsdd".to_owned(), name.clone());
                FormatError::Header { path, field: "an index column", got, expected: "whole numbers" }.into()
            })
        };
        let parts = texts(&*index, "split", "bundled:fsdd", "split")?;
        let stem = |name: &str| format!("w{words}.{name}");
        let (audio_row, image_row, class) = (column(stem("audio"))?, column(stem("image"))?, column(stem("cls"))?);
        let mut text: Vec<Vec<(usize, usize)>> = vec![Vec::with_capacity(words); parts.len()];
        for k in 0..words {
            let (language, class) =
                (column(format!("w{words}.text_lang.{k}"))?, column(format!("w{words}.text_cls.{k}"))?);
            for (row, word) in text.iter_mut().zip(language.into_iter().zip(class)) {
                row.push(word);
            }
        }
        let mut tuples = Vec::with_capacity(parts.len());
        for (r, text) in text.into_iter().enumerate() {
            let part = parts[r].as_deref().and_then(Part::parse).unwrap_or(Part::Train);
            tuples.push(Tuple { part, audio: audio_row[r], image: image_row[r], class: class[r] as u32, text });
        }
        Ok(M3Mini { words, audio: audio_view, image: image_view, image_class, vocabulary: spoken, tuples })
    }

    /// The tuples of a part.
    pub fn part(&self, part: Part) -> M3Part {
        let tuples: Vec<&Tuple> = self.tuples.iter().filter(|t| t.part == part).collect();
        let (audio_row, image_row): (Vec<usize>, Vec<usize>) = tuples.iter().map(|t| (t.audio, t.image)).unzip();
        let mut text = vec![0.0; tuples.len() * LANGUAGES * CLASSES];
        for (r, tuple) in tuples.iter().enumerate() {
            for (language, class) in &tuple.text {
                text[r * LANGUAGES * CLASSES + language * CLASSES + class] = 1.0;
            }
        }
        let text = view("text", tuples.len(), LANGUAGES * CLASSES, text);
        let views = vec![self.audio.select(&audio_row), self.image.select(&image_row), text];
        let label = Some(tuples.iter().map(|t| t.class).collect());
        let text = tuples.iter().map(|t| t.text.clone()).collect();
        M3Part { sample: Sample { views, label }, audio_row, image_row, text }
    }

    /// Rows of the candidate images: the 297 that only test tuples use.
    pub fn candidates(&self) -> Vec<usize> {
        (TEST_IMAGES..self.image.rows).collect()
    }

    /// A text as a string: the words joined by `_`.
    pub fn spell(&self, text: &[(usize, usize)]) -> String {
        let word = |(language, class): &(usize, usize)| {
            self.vocabulary.get(*language).and_then(|w| w.get(*class)).map_or("", String::as_str)
        };
        text.iter().map(word).collect::<Vec<_>>().join("_")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tuples_obey_the_process() {
        for words in [2, 5] {
            let m3 = M3Mini::open(words).unwrap();
            assert_eq!(m3.candidates().len(), 297);
            for (part, rows) in [(Part::Train, 20_000), (Part::Val, 1_000), (Part::Test, 2_000)] {
                let p = m3.part(part);
                let label = p.sample.label.as_ref().unwrap();
                assert_eq!(p.sample.rows(), rows);
                for (r, class) in label.iter().enumerate() {
                    assert_eq!(m3.image_class[p.image_row[r]], *class);
                    assert_eq!(part == Part::Test, p.image_row[r] >= TEST_IMAGES);
                    assert_eq!(p.text[r].len(), words);
                    assert!(p.text[r].iter().any(|w| w.1 as u32 == *class));
                    let languages: std::collections::BTreeSet<usize> = p.text[r].iter().map(|w| w.0).collect();
                    assert_eq!(languages.len(), words);
                    assert_eq!(p.sample.views[2].row(r).iter().sum::<f32>(), words as f32);
                }
            }
            let p = m3.part(Part::Test);
            assert_eq!(m3.spell(&p.text[0]).split('_').count(), words);
        }
    }
}
