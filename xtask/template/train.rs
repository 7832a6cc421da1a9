//! Training: batches, steps, the validation loss.

use suffit_core::seed::permutation;
use suffit_core::{Ctx, Result};
use suffit_data::split::Part;
use suffit_nn::layer::{Init, Standardiser};
use suffit_nn::optim::Optimiser;
use suffit_nn::train::{At, Scalars, State, Task};
use suffit_nn::{Place, parameter};

use super::config::__Camel__Config;
use super::input::Labelled;
use super::loss::cross_entropy;
use super::model::Classifier;

/// Rows of one part, ready for the model.
#[derive(Debug, Clone)]
struct Prepared {
    /// Standardised, `[N, D]` row-major.
    x: Vec<f32>,
    columns: usize,
    /// `[N]`
    classes: Vec<usize>,
}

impl Prepared {
    fn new(data: &Labelled, part: Part, standardiser: &Standardiser) -> Result<Self> {
        let rows = data.rows(part);
        let mut x = data.view.select(&rows).data;
        standardiser.apply(&mut x)?;
        Ok(Prepared { x, columns: data.view.cols, classes: rows.iter().filter_map(|&r| data.class(r)).collect() })
    }

    fn rows(&self) -> usize {
        self.classes.len()
    }

    /// The given rows, `[B, D]` and `[B]`.
    fn batch(&self, rows: &[usize]) -> (Vec<f32>, Vec<usize>) {
        let x = rows.iter().flat_map(|&r| &self.x[r * self.columns..(r + 1) * self.columns]).copied().collect();
        (x, rows.iter().map(|&r| self.classes[r]).collect())
    }
}

/// The loop's view of the classifier.
pub struct Trainer {
    train: Prepared,
    validation: Prepared,
    batch_size: usize,
    model: Classifier,
    optimiser: Optimiser,
    place: Place,
}

impl Trainer {
    /// At its start: initial parameters from the streams of the context's seed.
    ///
    /// # Errors
    /// A bug: rows that do not fit the standardiser.
    pub fn new(config: &__Camel__Config, data: &Labelled, standardiser: &Standardiser, ctx: &Ctx) -> Result<Self> {
        let place = Place::of(ctx);
        let train = Prepared::new(data, Part::Train, standardiser)?;
        Ok(Trainer {
            batch_size: config.train.batch_size.min(train.rows()),
            model: Classifier::new(data.view.cols, data.labels.classes(), &Init::new(ctx.seed, &place)),
            optimiser: Optimiser::new(&config.train),
            validation: Prepared::new(data, Part::Val, standardiser)?,
            train,
            place,
        })
    }

    /// The parameters.
    pub fn into_model(self) -> Classifier {
        self.model
    }
}

/// The `micro`-th of `parts` pieces, never empty.
fn piece(rows: &[usize], micro: usize, parts: usize) -> &[usize] {
    let begin = (rows.len() * micro / parts).min(rows.len() - 1);
    let end = (rows.len() * (micro + 1) / parts).max(begin + 1);
    &rows[begin..end]
}

impl Task for Trainer {
    fn steps_per_epoch(&self) -> u64 {
        self.train.rows().div_ceil(self.batch_size) as u64
    }

    fn step(&mut self, at: At, ctx: &Ctx) -> Result<Scalars> {
        // The order is addressed by the epoch: a resumed run needs no memory of it.
        let order = permutation(self.train.rows(), &mut ctx.seed.stream("shuffle", &[at.epoch]));
        let begin = at.in_epoch as usize * self.batch_size;
        let rows = &order[begin..(begin + self.batch_size).min(order.len())];
        let (train, place, parts) = (&self.train, &self.place, self.optimiser.accumulate() as usize);
        let update = self.optimiser.step(&mut self.model, |model: &Classifier, micro| {
            let (x, classes) = train.batch(piece(rows, micro as usize, parts));
            let x = place.matrix(x, [classes.len(), train.columns])?; // [B, D]
            cross_entropy(model.forward(x), &classes, place)
        })?;
        Ok(vec![("loss", update.loss), ("grad_norm", update.grad_norm)])
    }

    fn evaluate(&mut self, _: At, _: &Ctx) -> Result<Scalars> {
        let probabilities = self.model.probabilities(&self.validation.x, &self.place)?;
        let rows = self.validation.rows() as f64;
        let (mut loss, mut hits) = (0.0, 0.0);
        for (p, &class) in probabilities.iter().zip(&self.validation.classes) {
            loss -= p[class].max(f64::MIN_POSITIVE).ln();
            hits += f64::from(u8::from(suffit_stats::metric::argmax(p) == class));
        }
        Ok(vec![("loss", loss / rows), ("accuracy", hits / rows)])
    }

    fn save(&self) -> Result<State> {
        let (model, optim) = (parameter::collect(&self.model)?, self.optimiser.save()?);
        Ok(State { model, optim, json: serde_json::Value::Null })
    }

    fn load(&mut self, state: &State) -> Result<()> {
        self.model = parameter::load(self.model.clone(), &state.model, "the checkpoint")?;
        self.optimiser.load(&state.optim)
    }
}

#[cfg(test)]
mod tests {
    use super::piece;

    #[test]
    fn pieces_cover_the_rows_and_are_never_empty() {
        let rows = [5, 6, 7, 8, 9];
        assert_eq!([piece(&rows, 0, 2), piece(&rows, 1, 2)].concat(), rows);
        assert!((0..7).all(|micro| !piece(&rows[..2], micro, 7).is_empty()));
    }
}
