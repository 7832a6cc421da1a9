#!/usr/bin/env python3
"""Symile: time of one loss step and of XOR training, published package beside suffit.

Both sides get the same inputs (two .npy files) and the same permutations.
Two threads each, alternating rounds in one run; medians and the spread of the per-round ratio.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")
import numpy as np
import torch
import symile

SHAPES = [
    # sampling, modalities, batch, dimension, repetitions a round
    ("n", 3, 1024, 128, 12),
    ("n", 3, 1024, 8192, 1),
    ("n", 3, 1000, 16, 20),
    ("n", 8, 1000, 16, 6),
    ("grid", 3, 256, 128, 2),
]
LOSS_TOLERANCE = 1e-5  # relative, f32 on both sides
GRADIENT_TOLERANCE = 1e-4  # relative to the largest entry


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


class FixedPermutations:
    """Hands the package the permutations we chose, in the order in which it asks."""

    def __init__(self, rows):
        self.rows, self.next = rows, 0

    def __call__(self, n):
        row = self.rows[self.next % len(self.rows)]
        self.next += 1
        return row


def make_inputs(folder, m, b, d, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((m, b, d)).astype(np.float32)
    x /= np.linalg.norm(x, axis=2, keepdims=True)
    perms = np.stack([rng.permutation(b) for _ in range(m * (m - 1))]).astype(np.int64)
    x_path, p_path = os.path.join(folder, "x.npy"), os.path.join(folder, "perms.npy")
    np.save(x_path, x)
    np.save(p_path, perms)
    return x, perms, x_path, p_path


def their_step(x, perms, s, sampling):
    reps = [torch.tensor(r, requires_grad=True) for r in x]
    scale = torch.tensor(s, dtype=torch.float32, requires_grad=True)
    loss_fn = symile.Symile("n" if sampling == "n" else "n_squared")
    rows = [torch.tensor(p) for p in perms]

    def once():
        for r in reps:
            r.grad = None
        scale.grad = None
        torch.randperm = FixedPermutations(rows)
        loss = loss_fn(reps, scale.exp())
        loss.backward()
        return float(loss.detach())

    return reps, scale, once


def compare(name, loss_theirs, loss_ours, reps, folder):
    if abs(loss_theirs - loss_ours) > LOSS_TOLERANCE * max(1.0, abs(loss_theirs)):
        sys.exit(f"{name}: losses differ: package {loss_theirs}, suffit {loss_ours}")
    ours = np.load(os.path.join(folder, "gradients.npy"))
    worst = 0.0
    for m, r in enumerate(reps):
        theirs = r.grad.numpy()
        worst = max(worst, float(np.abs(theirs - ours[m]).max() / np.abs(theirs).max()))
    if worst > GRADIENT_TOLERANCE:
        sys.exit(f"{name}: gradients differ by {worst:.2e} of the largest entry")
    return worst


def time_ms(once, repetitions):
    out = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        once()
        out.append(1e3 * (time.perf_counter() - begin))
    return out


def bench_shape(ours, sampling, m, b, d, repetitions, rounds):
    s = 0.5 * (m - 1) * math.log(d)
    name = f"{sampling} M={m} B={b} d={d}"
    with tempfile.TemporaryDirectory() as folder:
        x, perms, x_path, p_path = make_inputs(folder, m, b, d, seed=b + d)
        reps, _scale, once = their_step(x, perms, s, sampling)
        request = dict(op=sampling, x=x_path, perms=p_path, s=s, gradients=os.path.join(folder, "gradients.npy"))
        loss_theirs = once()
        first = ours.ask(**request, repetitions=1)
        deviation = compare(name, loss_theirs, first["loss"], reps, folder)
        theirs_ms, ours_ms, ratios = [], [], []
        for _ in range(rounds):
            t = time_ms(once, repetitions)
            o = ours.ask(**request, repetitions=repetitions)["ms"]
            theirs_ms += t
            ours_ms += o
            ratios.append(statistics.median(t) / statistics.median(o))
    return row(name, theirs_ms, ours_ms, ratios, deviation)


def xor_data(n, bits, rng):
    a, b = rng.integers(0, 2, (n, bits)), rng.integers(0, 2, (n, bits))
    return [v.astype(np.float32) for v in (a, b, a ^ b)]


def train_theirs(x, epochs, batch, d, seed):
    torch.manual_seed(seed)
    heads = torch.nn.ModuleList([torch.nn.Linear(v.shape[1], d) for v in x])
    scale = torch.nn.Parameter(torch.tensor(-0.3))
    optimiser = torch.optim.AdamW([*heads.parameters(), scale], lr=0.1, weight_decay=0.01)
    loss_fn = symile.Symile("n")
    data = [torch.tensor(v) for v in x]
    begin = time.perf_counter()
    for _ in range(epochs):
        order = REAL_RANDPERM(len(data[0]))
        for at in range(0, len(order), batch):
            rows = order[at : at + batch]
            reps = [torch.nn.functional.normalize(h(v[rows]), dim=1) for h, v in zip(heads, data)]
            optimiser.zero_grad()
            loss = loss_fn(reps, scale.exp())
            loss.backward()
            optimiser.step()
    return 1e3 * (time.perf_counter() - begin), float(loss.detach())


def bench_training(ours, rounds):
    """20 epochs of XOR (p = 1, 5 bits, 10,000 rows, batch 1000, d = 16), after the specification."""
    epochs, batch, d = 20, 1000, 16
    torch.randperm = REAL_RANDPERM
    theirs_ms, ours_ms, ratios = [], [], []
    for seed in range(rounds):
        x = xor_data(10_000, 5, np.random.default_rng(seed))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.npy")
            np.save(path, np.stack(x))
            t, loss_theirs = train_theirs(x, epochs, batch, d, seed)
            answer = ours.ask(op="train_xor", x=path, epochs=epochs, batch=batch, d=d, seed=seed)
        # Different random numbers, so losses are compared with the optimum, not with each other.
        bound = math.log(batch) - 5 * math.log(2)
        for side, loss in (("package", loss_theirs), ("suffit", answer["loss"])):
            if abs(loss - bound) > 0.3:
                sys.exit(f"XOR training: {side} ended at loss {loss:.3f}, the optimum is {bound:.3f}")
        theirs_ms.append(t)
        ours_ms.append(answer["ms"])
        ratios.append(t / answer["ms"])
    return row(f"XOR training, {epochs} epochs, B={batch} d={d}", theirs_ms, ours_ms, ratios, None)


def row(name, theirs_ms, ours_ms, ratios, deviation):
    result = dict(
        name=name,
        package_ms=statistics.median(theirs_ms),
        suffit_ms=statistics.median(ours_ms),
        ratio=statistics.median(ratios),
        ratio_low=min(ratios),
        ratio_high=max(ratios),
        package_raw_ms=theirs_ms,
        suffit_raw_ms=ours_ms,
        gradient_deviation=deviation,
    )
    print(
        f"{name:<40} package {result['package_ms']:9.2f} ms   suffit {result['suffit_ms']:9.2f} ms   "
        f"ratio {result['ratio']:6.2f} [{result['ratio_low']:.2f}, {result['ratio_high']:.2f}]",
        flush=True,
    )
    return result


REAL_RANDPERM = torch.randperm


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, help="the built example symile_peer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", help="write the raw figures as JSON")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    ours = Ours(arguments.ours)
    rows = [bench_shape(ours, *shape, arguments.rounds) for shape in SHAPES]
    rows.append(bench_training(ours, max(3, arguments.rounds // 2)))
    big = Ours(arguments.ours).ask(op="grid_memory", batch=1024, d=128)  # a fresh process: its peak is the step's own
    print(f"grid B=1024 d=128 (package: not run, needs more than 40 GB): {big['ms']:.0f} ms, peak memory {big['peak_mb']:.0f} MB")
    if arguments.out:
        with open(arguments.out, "w") as f:
            json.dump(dict(torch=torch.__version__, package=symile.__version__, processor=processor(), threads=2, rows=rows, grid_1024=big), f, indent=1)


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            return next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    main()
