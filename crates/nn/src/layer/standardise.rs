//! Columns to mean 0 and standard deviation 1, with the training statistics.

use suffit_core::Result;

use crate::error::NnError;

/// Means and scales by column, computed on training rows and applied everywhere.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Standardiser {
    /// Mean by column.
    pub mean: Vec<f64>,
    /// Standard deviation (divisor n) by column; 1 for constant columns.
    pub scale: Vec<f64>,
    /// Columns with one value only, from 0; they become zeros (within rounding of the mean).
    pub constant: Vec<usize>,
}

impl Standardiser {
    /// From the rows of `x [N, p]` (row-major) that `present` marks, all when absent.
    ///
    /// Two passes in f64 in row order; independent of threads. A column is constant when all its
    /// observed values are equal: the caller warns with [`Self::warning`].
    ///
    /// # Errors
    /// [`NnError::Size`], [`NnError::NoRows`], [`NnError::Value`] (row and column).
    ///
    /// ```
    /// use suffit_nn::layer::Standardiser;
    /// let s = Standardiser::fit(&[1.0, 7.0, 3.0, 7.0], 2, None)?;
    /// assert_eq!((&s.mean[..], &s.scale[..], &s.constant[..]), (&[2.0, 7.0][..], &[1.0, 1.0][..], &[1][..]));
    /// let mut x = [5.0f32, 8.0];
    /// s.apply(&mut x)?;
    /// assert_eq!(x, [3.0, 0.0]); // a constant column stays zero
    /// # Ok::<(), suffit_core::Error>(())
    /// ```
    pub fn fit(x: &[f32], columns: usize, present: Option<&[bool]>) -> Result<Self> {
        let rows = row_count(x, columns)?;
        if let Some(flags) = present.filter(|flags| flags.len() != rows) {
            let (got, expected) = (flags.len().to_string(), rows.to_string());
            return Err(NnError::Size { what: "presence flags".into(), got, expected }.into());
        }
        let observed: Vec<usize> = (0..rows).filter(|&r| present.is_none_or(|flags| flags[r])).collect();
        let Some(&first) = observed.first() else {
            return Err(NnError::NoRows { what: "means and scales" }.into());
        };
        let mut mean = vec![0.0; columns];
        for &row in &observed {
            for (column, sum) in mean.iter_mut().enumerate() {
                let value = f64::from(x[row * columns + column]);
                if !value.is_finite() {
                    return Err(NnError::Value { row, column, value }.into());
                }
                *sum += value;
            }
        }
        let n = observed.len() as f64;
        mean.iter_mut().for_each(|m| *m /= n);
        let mut scale = vec![0.0; columns];
        let mut is_constant = vec![true; columns];
        for &row in &observed {
            for column in 0..columns {
                let value = x[row * columns + column];
                scale[column] += (f64::from(value) - mean[column]).powi(2);
                is_constant[column] &= value == x[first * columns + column];
            }
        }
        for (s, &constant) in scale.iter_mut().zip(&is_constant) {
            *s = if constant { 1.0 } else { (*s / n).sqrt() };
        }
        let constant = (0..columns).filter(|&c| is_constant[c]).collect();
        Ok(Standardiser { mean, scale, constant })
    }

    /// Nothing changes: mean 0, scale 1.
    pub fn identity(columns: usize) -> Self {
        Standardiser { mean: vec![0.0; columns], scale: vec![1.0; columns], constant: Vec::new() }
    }

    /// `(x − mean) / scale` in place; constant columns become exactly 0, whatever they hold. NaN in
    /// other columns stays NaN (a missing view's values are replaced later).
    ///
    /// # Errors
    /// [`NnError::Size`].
    pub fn apply(&self, x: &mut [f32]) -> Result<()> {
        let columns = self.mean.len();
        row_count(x, columns)?;
        if columns == 0 {
            return Ok(());
        }
        for row in x.chunks_exact_mut(columns) {
            for ((value, mean), scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
                *value = ((f64::from(*value) - mean) / scale) as f32;
            }
            for &column in &self.constant {
                row[column] = 0.0;
            }
        }
        Ok(())
    }

    /// The sentence to warn with, if columns are constant; `names` by column when known.
    pub fn warning(&self, view: &str, names: Option<&[String]>) -> Option<String> {
        let first: Vec<String> = self.constant.iter().take(5).map(|&c| column_name(c, names)).collect();
        let more = self.constant.len().saturating_sub(first.len());
        match first.len() {
            0 => None,
            _ => Some(format!(
                "{view}: {} of {} columns hold one value only and carry nothing: {}{}",
                self.constant.len(),
                self.mean.len(),
                first.join(", "),
                if more > 0 { format!(" and {more} more") } else { String::new() },
            )),
        }
    }
}

fn column_name(column: usize, names: Option<&[String]>) -> String {
    names.and_then(|n| n.get(column).cloned()).unwrap_or_else(|| format!("column {}", column + 1))
}

fn row_count(x: &[f32], columns: usize) -> Result<usize> {
    if columns == 0 && x.is_empty() {
        return Ok(0);
    }
    if columns == 0 || !x.len().is_multiple_of(columns) {
        let (got, expected) = (x.len().to_string(), format!("a multiple of {columns}"));
        return Err(NnError::Size { what: "number of values".into(), got, expected }.into());
    }
    Ok(x.len() / columns)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn missing_rows_do_not_count() {
        let x = [1.0, f32::NAN, 3.0];
        let s = Standardiser::fit(&x, 1, Some(&[true, false, true])).unwrap();
        assert_eq!((s.mean[0], s.scale[0]), (2.0, 1.0));
        let e = Standardiser::fit(&x, 1, None).unwrap_err();
        assert_eq!(e.to_string(), "value in row 1, column 0 is NaN");
        assert!(Standardiser::fit(&x, 1, Some(&[false; 3])).is_err());
        assert!(Standardiser::fit(&x, 2, None).is_err());
    }

    #[test]
    fn warning_names_the_columns() {
        let s = Standardiser::fit(&[7.0, 1.0, 7.0, 2.0], 2, None).unwrap();
        let names = ["a".to_owned(), "b".to_owned()];
        assert_eq!(
            s.warning("image", Some(&names)).unwrap(),
            "image: 1 of 2 columns hold one value only and carry nothing: a"
        );
        assert_eq!(Standardiser::identity(2).warning("image", None), None);
    }

    #[test]
    fn training_rows_come_out_standard() {
        let x: Vec<f32> = (0..40).map(|i| (i * i % 17) as f32).collect();
        let s = Standardiser::fit(&x, 4, None).unwrap();
        let mut y = x.clone();
        s.apply(&mut y).unwrap();
        for c in 0..4 {
            let column: Vec<f64> = y.iter().skip(c).step_by(4).map(|&v| f64::from(v)).collect();
            let m = column.iter().sum::<f64>() / 10.0;
            let v = column.iter().map(|u| (u - m).powi(2)).sum::<f64>() / 10.0;
            // f32 rounding of ten values of size about 1
            assert!(m.abs() < 1e-6 && (v - 1.0).abs() < 1e-6, "column {c}: mean {m}, variance {v}");
        }
    }
}
