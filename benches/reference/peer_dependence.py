#!/usr/bin/env python3
"""Dependence measures: NumPy/PyTorch forms and dcor beside suffit.

Both sides get the same inputs (files of f64). Two threads each, alternating rounds in one run; medians
and the spread of the per-round ratio, by processor time (all threads of the process together, the honest
figure on a busy machine) and by wall time. Ends with an error where the two sides compute different numbers.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("NUMBA_NUM_THREADS", "2")
import dcor
import numpy as np
import torch

torch.set_num_threads(2)


STEPS = ["gram", "univariate", "permutation", "growth"]


class Ours:
    """The Rust side: one process, one JSON request a line."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("our side ended without an answer")
        return json.loads(line)


def clock(call):
    start, busy = time.perf_counter(), time.process_time()
    result = call()
    return {"wall": (time.perf_counter() - start) * 1e3, "cpu": (time.process_time() - busy) * 1e3}, result


def last(times):
    return {kind: values[-1] for kind, values in times.items()}


def average(times):
    """Over the calls of one request: the system counts processor time in coarse steps."""
    return {kind: statistics.mean(values) for kind, values in times.items()}


def middle(times):
    return {kind: statistics.median(t[kind] for t in times) for kind in ("wall", "cpu")}


def ranks(distances):
    """r_ik = #{j: D_ij >= D_ik}."""
    n = len(distances)
    out = np.empty((n, n), dtype=np.float32)
    for i in range(n):
        out[i] = n - np.searchsorted(np.sort(distances[i]), distances[i], side="left")
    return out


def rank_gram(r, block=128):
    """G_kl = sum_i min(r_ik, r_il), rows in blocks that stay in the cache; sums stay below 2^24."""
    r = torch.from_numpy(r)
    n = len(r)
    out = torch.zeros((n, n), dtype=torch.float32)
    for top in range(0, n, block):
        rows = out[top : top + block]
        low = torch.empty_like(rows)
        for i in range(n):
            torch.minimum(r[i, top : top + block, None], r[i], out=low)
            rows += low
    return out.double()


def gram_step(gram, u):
    """FCCov_V and its gradient 2 n^-4 HGHU."""
    n = len(u)
    c = u - u.mean(0)
    product = gram @ c
    product -= product.mean(0)
    return (c * product).sum() / n**4, product * (2 / n**4)


def agree(name, a, b, tolerance):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    gap = np.abs(a - b).max() / max(np.abs(b).max(), 1e-300)
    if not gap <= tolerance:
        sys.exit(f"{name}: the sides differ by {gap:.2e} of the largest entry")
    return float(gap)


def row(name, peer, theirs, ours, gap):
    found = {"name": name, "peer": peer, "largest_relative_difference": gap}
    for kind in ("cpu", "wall"):
        ratios = [t[kind] / o[kind] for t, o in zip(theirs, ours)]
        found[kind] = {
            "peer_ms": statistics.median(t[kind] for t in theirs),
            "suffit_ms": statistics.median(o[kind] for o in ours),
            "ratio": statistics.median(ratios),
            "ratio_low": min(ratios),
            "ratio_high": max(ratios),
            "peer_raw_ms": [t[kind] for t in theirs],
            "suffit_raw_ms": [o[kind] for o in ours],
        }
        f = found[kind]
        print(
            f"{name:<48} {peer:<8} {kind:<4} {f['peer_ms']:>10.1f} {f['suffit_ms']:>10.2f}"
            f" {f['ratio']:>8.2f} [{f['ratio_low']:.2f}, {f['ratio_high']:.2f}]",
            flush=True,
        )
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, help="the built example dependence_peer")
    parser.add_argument("--out", required=True, help="JSON file of the results")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=STEPS, default=STEPS, help="steps to run (all)")
    args = parser.parse_args()
    ours, rows = Ours(args.ours), []
    with tempfile.TemporaryDirectory() as folder:

        def save(name, array):
            path = os.path.join(folder, name)
            np.ascontiguousarray(array, dtype="<f8").tofile(path)
            return path

        def pair(n, d, seed):
            g = np.random.default_rng(seed)
            x = g.normal(size=(n, d))
            y = x**2 + g.normal(size=(n, d))
            return x, y, save("x", x), save("y", y)

        rounds, growth = args.rounds, {}
        if "gram" in args.only:
            n = 4000
            x, y, fx, fy = pair(n, 2, 1)
            distances = np.sqrt(((y[:, None] - y[None]) ** 2).sum(-1))
            times = {"ranks": ([], []), "gram": ([], []), "step": ([], [])}
            for _ in range(min(rounds, 3)):
                found = ours.ask(step="gram", x=fx, y=fy, n=n, repeat=1)
                ms, r = clock(lambda: ranks(distances))
                times["ranks"][0].append(ms)
                times["ranks"][1].append(last(found["ranks_ms"]))
                ms, gram = clock(lambda: rank_gram(r))
                times["gram"][0].append(ms)
                times["gram"][1].append(last(found["ms"]))
                steps = [clock(lambda: gram_step(gram, torch.from_numpy(x))) for _ in range(5)]
                times["step"][0].append(middle([s[0] for s in steps]))
                times["step"][1].append(average(found["step_ms"]))
            value, gradient = steps[-1][1]
            gap = agree("FCCov", found["value"], value, 1e-9)
            gap = max(gap, agree("gradient", found["gradient"], gradient.numpy().ravel(), 1e-9))
            rows.append(row("ranks of distances, n = 4000", "NumPy", *times["ranks"], gap))
            rows.append(row("FCCov Gram matrix, n = 4000", "PyTorch", *times["gram"], gap))
            rows.append(row("FCCov value and gradient, n = 4000, d = 2", "PyTorch", *times["step"], gap))

        if "univariate" in args.only:
            for n in (10_000, 100_000, 1_000_000):
                x, y, fx, fy = pair(n, 1, 2)
                fast = lambda: dcor.u_distance_covariance_sqr(x[:, 0], y[:, 0], method="mergesort")
                fast()
                theirs, mine = [], []
                for _ in range(rounds):
                    ms, value = clock(fast)
                    theirs.append(ms)
                    found = ours.ask(step="univariate", x=fx, y=fy, n=n, repeat=max(1, 2_000_000 // n))
                    mine.append(average(found["ms"]))
                gap = agree("dCov", found["dcov_sqr_u"], value, 1e-8)
                rows.append(row(f"distance covariance of two numbers, n = {n}", "dcor", theirs, mine, gap))

        if "permutation" in args.only:
            x, y, fx, fy = pair(2000, 2, 3)
            theirs, mine = [], []
            for _ in range(min(rounds, 3)):
                test = lambda: dcor.independence.distance_covariance_test(
                    x, y, num_resamples=999, random_state=np.random.default_rng(1)
                )
                ms, value = clock(test)
                theirs.append(ms)
                found = ours.ask(step="permutation", x=fx, y=fy, n=2000, repeat=1, permutations=999)
                mine.append(last(found["ms"]))
            gap = agree("statistic", found["statistic"] * 2000, value.statistic, 1e-9)
            rows.append(row("permutation test, n = 2000, B = 999, 2 columns", "dcor", theirs, mine, gap))

        if "growth" in args.only:
            growth = {"FCCov Gram": [], "distance covariance of two numbers": []}
            for n in (500, 1000, 2000, 4000):
                _, _, fx, fy = pair(n, 2, 4)
                found = ours.ask(step="gram", x=fx, y=fy, n=n, repeat=max(1, 4000 // n))
                growth["FCCov Gram"].append({"n": n, "cpu_ms": average(found["ms"])["cpu"]})
            for n in (1000, 10_000, 100_000, 1_000_000):
                _, _, fx, fy = pair(n, 1, 5)
                found = ours.ask(step="univariate", x=fx, y=fy, n=n, repeat=max(3, 1_000_000 // n))
                growth["distance covariance of two numbers"].append({"n": n, "cpu_ms": average(found["ms"])["cpu"]})
            for name, points in growth.items():
                logs = np.log([[p["n"], p["cpu_ms"]] for p in points])
                slope = float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])
                growth[name] = {"slope_log_log": slope, "points": points}
                print(f"{name}: time grows like n^{slope:.2f}: " + ", ".join(f"{p['n']}: {p['cpu_ms']:.1f} ms" for p in points))
    document = {
        "torch": torch.__version__,
        "numpy": np.__version__,
        "dcor": dcor.__version__,
        "processor": platform.processor() or platform.machine(),
        "threads": 2,
        "load_average": os.getloadavg(),
        "rows": rows,
        "growth": growth,
    }
    with open(args.out, "w") as out:
        json.dump(document, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
