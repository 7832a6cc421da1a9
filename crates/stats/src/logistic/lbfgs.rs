//! L-BFGS for smooth convex functions.
//!
//! Two-loop recursion with ten pairs; the step is found by doubling and bisection until it meets
//! the weak Wolfe conditions. Source: Nocedal and Wright 2006, algorithm 7.5; step: Lewis and
//! Overton 2013, "Nonsmooth optimization via quasi-Newton methods", algorithm 4.6.

use std::collections::VecDeque;

use super::kernel::dot;

const MEMORY: usize = 10;

/// Where the search ended.
pub(super) struct End {
    pub point: Vec<f64>,
    pub value: f64,
    /// Largest component of the gradient.
    pub gradient: f64,
    pub iterations: usize,
}

/// One remembered step: `s` = change of the point, `y` = change of the gradient, `1 / (s . y)`.
struct Pair {
    s: Vec<f64>,
    y: Vec<f64>,
    inverse: f64,
}

/// Minimises `f(point, gradient out) -> value` from `start`.
pub(super) fn minimise(
    f: impl Fn(&[f64], &mut [f64]) -> f64,
    start: Vec<f64>,
    max_iterations: usize,
    tolerance: f64,
) -> End {
    let mut point = start;
    let mut gradient = vec![0.0; point.len()];
    let mut value = f(&point, &mut gradient);
    let mut pairs: VecDeque<Pair> = VecDeque::with_capacity(MEMORY);
    let (mut next, mut next_gradient) = (point.clone(), gradient.clone());
    let mut iterations = 0;
    while iterations < max_iterations && largest(&gradient) > tolerance {
        let mut direction = descend(&gradient, &pairs);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            // Rounding has spoilt the memory: start again from the gradient.
            pairs.clear();
            direction = gradient.iter().map(|g| -g).collect();
            slope = dot(&direction, &gradient);
        }
        let first = if pairs.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt().max(1.0) } else { 1.0 };
        let step = search(&f, &point, value, &direction, slope, first, (&mut next, &mut next_gradient));
        let Some(next_value) = step else { break };
        iterations += 1;
        let s: Vec<f64> = next.iter().zip(&point).map(|(a, b)| a - b).collect();
        let y: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let curvature = dot(&s, &y);
        if curvature > 1e-14 * dot(&y, &y).sqrt() * dot(&s, &s).sqrt() {
            if pairs.len() == MEMORY {
                pairs.pop_front();
            }
            pairs.push_back(Pair { s, y, inverse: 1.0 / curvature });
        }
        std::mem::swap(&mut point, &mut next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        value = next_value;
    }
    End { gradient: largest(&gradient), point, value, iterations }
}

/// `-H gradient` with the inverse Hessian `H` of the remembered steps.
fn descend(gradient: &[f64], pairs: &VecDeque<Pair>) -> Vec<f64> {
    let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut weights = Vec::with_capacity(pairs.len());
    for p in pairs.iter().rev() {
        let a = p.inverse * dot(&p.s, &q);
        q.iter_mut().zip(&p.y).for_each(|(q, y)| *q -= a * y);
        weights.push(a);
    }
    if let Some(p) = pairs.back() {
        let scale = 1.0 / (p.inverse * dot(&p.y, &p.y));
        q.iter_mut().for_each(|q| *q *= scale);
    }
    for (p, a) in pairs.iter().zip(weights.into_iter().rev()) {
        let b = p.inverse * dot(&p.y, &q);
        q.iter_mut().zip(&p.s).for_each(|(q, s)| *q += (a - b) * s);
    }
    q
}

/// A step with sufficient decrease and curvature; `None` when rounding allows no further decrease.
fn search(
    f: &impl Fn(&[f64], &mut [f64]) -> f64,
    point: &[f64],
    value: f64,
    direction: &[f64],
    slope: f64,
    first: f64,
    (next, gradient): (&mut [f64], &mut [f64]),
) -> Option<f64> {
    let (mut low, mut high, mut step) = (0.0, f64::INFINITY, first);
    for _ in 0..60 {
        next.iter_mut().zip(point).zip(direction).for_each(|((n, p), d)| *n = p + step * d);
        let now = f(next, gradient);
        if now.is_nan() || now > value + 1e-4 * step * slope {
            high = step;
        } else if dot(gradient, direction) < 0.9 * slope {
            low = step;
        } else {
            return Some(now);
        }
        step = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * step };
    }
    None
}

fn largest(v: &[f64]) -> f64 {
    v.iter().map(|x| x.abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_badly_scaled_quadratic() {
        // f = sum c_i (x_i - i)^2 / 2 with c from 1 to 1e4
        let c: Vec<f64> = (0..20).map(|i| 10f64.powf(f64::from(i) * 4.0 / 19.0)).collect();
        let f = |x: &[f64], g: &mut [f64]| {
            let mut v = 0.0;
            for i in 0..20 {
                let d = x[i] - i as f64;
                g[i] = c[i] * d;
                v += 0.5 * c[i] * d * d;
            }
            v
        };
        let end = minimise(f, vec![0.0; 20], 5_000, 1e-8);
        assert!(end.gradient <= 1e-8, "{} {:e}", end.iterations, end.gradient);
        // Each coordinate is off by gradient / curvature, and every curvature is at least 1.
        assert!((0..20).all(|i| (end.point[i] - i as f64).abs() <= 1.1e-8));
    }

    #[test]
    fn follows_a_curved_valley() {
        // Rosenbrock's function: not convex on the way, minimum 0 at (1, 1).
        let f = |x: &[f64], g: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = -2.0 * a - 400.0 * b * x[0];
            g[1] = 200.0 * b;
            a * a + 100.0 * b * b
        };
        let end = minimise(f, vec![-1.2, 1.0], 200, 1e-9);
        assert!(end.gradient <= 1e-9 && (end.point[0] - 1.0).abs() < 1e-7);
    }

    #[test]
    fn gives_up_where_nothing_decreases() {
        // A kink: the gradient never vanishes, so the search must end by itself.
        let f = |x: &[f64], g: &mut [f64]| {
            g[0] = if x[0] > 0.0 { 1.0 } else { -1.0 };
            x[0].abs()
        };
        let end = minimise(f, vec![0.3], 1_000, 1e-9);
        assert!(end.gradient == 1.0 && end.point[0].abs() < 1e-6);
    }
}
