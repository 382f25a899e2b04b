"""PyTorch in Python behind the protocol of Worker.java: worker.py THREADS, a command a line.

With "first" behind the threads: as First.java.
"""

import sys
import time

try:
    import numpy as np
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as e:
    print("@ failed", e, flush=True)
    sys.exit()

NETS = {  # widths, dropout, mean squared error, batch
    "A1": ([4, 2, 1], 0.0, True, 4),
    "A2": ([8, 16, 3], 0.2, False, 32),
    "A3": ([784, 128, 64, 10], 0.0, False, 64),
    "A4": ([784, 1024, 1024, 10], 0.0, False, 256),
}
RATE, MOMENTUM = 0.01, 0.9
UNITS = {"K": 1 << 10, "M": 1 << 20}


def uniform(seed, shape, low, high):
    """As Numbers.uniform."""
    n = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(seed << 32) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    u = (z >> np.uint64(40)).astype(np.float32)
    return torch.from_numpy((np.float32(low) + u * np.float32((high - low) / (1 << 24))).reshape(shape))


def model(widths, dropout):
    layers = []
    for i in range(len(widths) - 1):
        fc = nn.Linear(widths[i], widths[i + 1])
        bound = widths[i] ** -0.5
        with torch.no_grad():
            fc.weight.copy_(uniform(100 + i, (widths[i + 1], widths[i]), -bound, bound))
            fc.bias.copy_(uniform(200 + i, (widths[i + 1],), -bound, bound))
        layers.append(fc)
        if i < len(widths) - 2:
            layers.append(nn.ReLU())
            if dropout:
                layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


def train(name):
    widths, dropout, mse, batch = NETS[name]
    net = model(widths, dropout)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    x = uniform(300, (batch, widths[0]), 0, 1)
    if mse:
        y, criterion = uniform(500, (batch, widths[-1]), 0, 1), nn.MSELoss()
    else:
        y, criterion = (uniform(400, (batch,), 0, 1) * widths[-1]).long(), nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def forward(name, rows):
    widths, dropout, _, _ = NETS[name]
    net = model(widths, dropout).eval()
    x = uniform(300, (rows, widths[0]), 0, 1)

    def run():
        with torch.no_grad():
            return net(x)

    return run


def op(kind, dims):
    if kind.startswith("matmul"):
        m, k, n = dims if len(dims) == 3 else dims * 3
        a = uniform(1, (k, m) if kind == "matmul-tn" else (m, k), -2, 2)
        b = uniform(2, (n, k) if kind == "matmul-nt" else (k, n), -2, 2)
        a = a.t() if kind == "matmul-tn" else a
        b = b.t() if kind == "matmul-nt" else b
        return lambda: torch.matmul(a, b)
    a = uniform(1, dims, -2, 2)
    if kind in ("add", "mul", "add-row"):
        b = uniform(2, dims[-1:] if kind == "add-row" else dims, -2, 2)
        return (lambda: torch.mul(a, b)) if kind == "mul" else (lambda: torch.add(a, b))
    values = a.tolist() if kind == "create" else None
    return {
        "relu": lambda: torch.relu(a),
        "sigmoid": lambda: torch.sigmoid(a),
        "tanh": lambda: torch.tanh(a),
        "exp": lambda: torch.exp(a),
        "gelu": lambda: F.gelu(a),
        "sum": lambda: torch.sum(a),
        "mean": lambda: torch.mean(a),
        "sum-last": lambda: torch.sum(a, -1),
        "mean-last": lambda: torch.mean(a, -1),
        "softmax": lambda: torch.softmax(a, -1),
        "log-softmax": lambda: torch.log_softmax(a, -1),
        "layer-norm": lambda: F.layer_norm(a, dims[1:]),
        "transpose-copy": lambda: a.t().contiguous(),
        "create": lambda: torch.tensor(values),
    }[kind]


def prepare(work):
    """The work of a name, and how often it runs before its result is compared."""
    parts = work.split(".")
    if parts[0] == "step":
        return train(parts[1]), 2
    if parts[0] == "forward":
        return forward(parts[1], int(parts[2][len("batch"):])), 1
    dims = [int(d.rstrip("KM")) * UNITS.get(d[-1], 1) for d in parts[1].split("x")]
    return op(parts[0], dims), 1


def probes(result):
    """As Work.probes."""
    if isinstance(result, float):
        return [result]
    flat = result.reshape(-1)
    size, n = len(flat), min(64, len(flat))
    return [float(flat[i * (size - 1) // (n - 1) if n > 1 else 0]) for i in range(n)]


def iteration(run, millis):
    """Mean ns of runs over so many ms; the clock is read some hundred times."""
    start = now = time.perf_counter_ns()
    batch, done = 1, 0
    while now - start < millis * 1_000_000:
        before = now
        for _ in range(batch):
            run()
        done += batch
        now = time.perf_counter_ns()
        if (now - before) * 100 < millis * 1_000_000:
            batch *= 2
    return (now - start) / done


def warm_up(run, warm, millis):
    """Until three slices in a row agree, or the time is up."""
    end, last = time.perf_counter_ns() + warm * 1_000_000, []
    while True:
        last = last[-2:] + [iteration(run, millis)]
        left = end - time.perf_counter_ns()
        near = 1.05 if left * 2 > warm * 1_000_000 else 1.15
        if len(last) == 3 and max(last) < near * min(last) or left <= 0:
            return last[-1]


def measure(run, warm, iterations, millis):
    ns = warm_up(run, warm, millis)
    count = max(min(2, iterations), min(iterations, int(2e6 * iterations * millis / ns)))
    return [iteration(run, millis) for _ in range(count)]


def tail(run, warm, _, millis, length):
    """Median and 99th percentile of single runs."""
    warm_up(run, warm, millis)
    singles, now = [], time.perf_counter_ns()
    end = now + length * 1_000_000
    while now < end:
        run()
        then, now = now, time.perf_counter_ns()
        singles.append(now - then)
    singles.sort()
    return [singles[len(singles) // 2], singles[len(singles) * 99 // 100]]


def megabytes(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key + ":"))


def memory(seconds):
    run = train("A3")
    for _ in range(200):
        run()
    before, grown, end = megabytes("VmRSS"), [0], time.time() + seconds
    while len(grown) <= 400 and time.time() < end:
        for _ in range(500):
            run()
        grown.append(megabytes("VmRSS") - before)
    return [grown[-1], 500 * (len(grown) - 1), grown[(len(grown) - 1) // 2]]


def peak():
    run = train("A4")
    for _ in range(20):
        run()
    return [megabytes("VmHWM")]


def main():
    torch.set_num_threads(int(sys.argv[1]))
    if sys.argv[2:] == ["first"]:
        train("A3")()
        print("@", int(time.time() * 1000), flush=True)
        return
    print("@ PyTorch", torch.__version__, "in Python", sys.version.split()[0], flush=True)
    run = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "check":
                run, steps = prepare(words[1])
                for _ in range(steps):
                    result = run()
                answer = probes(result)
                del result
            elif words[0] == "time":
                answer = measure(run, *map(int, words[1:]))
            elif words[0] == "tail":
                answer = tail(run, *map(int, words[1:]))
            elif words[0] == "memory":
                answer = memory(float(words[1]))
            else:
                answer = peak()
            print("@", *answer, flush=True)
        except Exception as e:
            print("@ failed", " ".join(str(e).split()), flush=True)


main()
