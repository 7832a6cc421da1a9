//! The two inner products of the probe, written so that the compiler can use wide registers.
//!
//! Eight partial sums in a fixed pattern and no fused multiply-add: every instruction set gives
//! the same bits. Called inside `pulp::Arch::dispatch`, which compiles them for the widest one.

const LANES: usize = 8;

/// `[w_0 . x, ..., w_3 . x]`.
#[inline(always)]
pub(super) fn dot4(x: &[f64], w: [&[f64]; 4]) -> [f64; 4] {
    let mut acc = [[0.0; LANES]; 4];
    let whole = x.len() / LANES * LANES;
    let [w0, w1, w2, w3] = w.map(|v| &v[..x.len()]);
    let mut at = 0;
    while at < whole {
        let xs: &[f64] = &x[at..at + LANES];
        for (a, v) in acc.iter_mut().zip([w0, w1, w2, w3]) {
            let vs = &v[at..at + LANES];
            for l in 0..LANES {
                a[l] += xs[l] * vs[l];
            }
        }
        at += LANES;
    }
    let mut out = acc.map(fold);
    for (o, v) in out.iter_mut().zip([w0, w1, w2, w3]) {
        for i in whole..x.len() {
            *o += x[i] * v[i];
        }
    }
    out
}

/// `w . x` in the pattern of [`dot4`].
#[inline(always)]
pub(super) fn dot(x: &[f64], w: &[f64]) -> f64 {
    let mut acc = [0.0; LANES];
    let (xs, ws) = (x.chunks_exact(LANES), w[..x.len()].chunks_exact(LANES));
    let rest = xs.remainder().iter().zip(ws.remainder()).map(|(a, b)| a * b);
    let (mut tail, mut none) = (0.0, true);
    for v in rest {
        tail += v;
        none = false;
    }
    for (a, b) in xs.zip(ws) {
        for l in 0..LANES {
            acc[l] += a[l] * b[l];
        }
    }
    if none { fold(acc) } else { fold(acc) + tail }
}

/// `g += r_0 x_0 + r_1 x_1 + r_2 x_2 + r_3 x_3`.
#[inline(always)]
pub(super) fn add4(g: &mut [f64], r: [f64; 4], x: [&[f64]; 4]) {
    let n = g.len();
    let [x0, x1, x2, x3] = x.map(|v| &v[..n]);
    for i in 0..n {
        g[i] += (r[0] * x0[i] + r[1] * x1[i]) + (r[2] * x2[i] + r[3] * x3[i]);
    }
}

#[inline(always)]
fn fold(a: [f64; LANES]) -> f64 {
    ((a[0] + a[4]) + (a[1] + a[5])) + ((a[2] + a[6]) + (a[3] + a[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_with_plain_loops() {
        for n in [1usize, 7, 8, 9, 16, 29] {
            let v = |k: usize| (0..n).map(|i| ((i * 7 + k * 3) % 11) as f64 - 5.0).collect::<Vec<_>>();
            let (x, w) = (v(0), [v(1), v(2), v(3), v(4)]);
            // Small integers: every order of summation is exact.
            let plain = |a: &[f64]| x.iter().zip(a).map(|(p, q)| p * q).sum::<f64>();
            let four = dot4(&x, [&w[0], &w[1], &w[2], &w[3]]);
            for (k, d) in four.iter().enumerate() {
                assert_eq!((*d, dot(&x, &w[k])), (plain(&w[k]), plain(&w[k])), "{n} {k}");
            }
            let mut g = x.clone();
            add4(&mut g, [1.0, -2.0, 3.0, 0.0], [&w[0], &w[1], &w[2], &w[3]]);
            for i in 0..n {
                assert_eq!(g[i], x[i] + w[0][i] - 2.0 * w[1][i] + 3.0 * w[2][i]);
            }
        }
    }
}
