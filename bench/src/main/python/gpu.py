"""PyTorch on a GPU behind the protocol of GpuWorker.java: a line "KIND DTYPE DIMS", answered by "@ NS"."""

import statistics
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.zeros(1, device="cuda")
except Exception as e:
    print("@ failed", " ".join(str(e).split()), flush=True)
    sys.exit()

GPU = torch.device("cuda")
BATCHES, ENQUEUED = 15, 200


def batch(run, count):
    start = time.perf_counter_ns()
    for _ in range(count):
        run()
    torch.cuda.synchronize()
    return (time.perf_counter_ns() - start) / count


def measure(run):
    count, end = 1, time.perf_counter_ns() + 500_000_000
    while True:
        if batch(run, count) * count < 1e7 and count < 1 << 14:
            count *= 2
        if time.perf_counter_ns() >= end:
            break
    return statistics.median(batch(run, count) for _ in range(BATCHES))


def enqueue(run):
    times = []
    for _ in range(12 * BATCHES):
        start = time.perf_counter_ns()
        for _ in range(ENQUEUED):
            run()
        done = time.perf_counter_ns()
        torch.cuda.synchronize()
        times.append((done - start) / ENQUEUED)
    return statistics.median(times[2 * BATCHES:])


def filled(low, high, *dims):
    return torch.empty(dims, device=GPU).uniform_(low, high)


def classes(n, bound):
    return torch.randint(bound, (n,), device=GPU)


def gradient(y, *inputs):
    g = torch.ones((), device=GPU) if y.dim() == 0 else filled(-1, 1, *y.shape)
    return lambda: torch.autograd.grad(y, inputs, g, retain_graph=True)


def model(dims):
    layers = []
    for i in range(1, len(dims) - 1):
        layers.append(nn.Linear(dims[i], dims[i + 1]))
        if i + 2 < len(dims):
            layers.append(nn.ReLU())
    return nn.Sequential(*layers).to(GPU)


def step(dims):
    net, criterion = model(dims), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    x, y = filled(0, 1, dims[0], dims[1]), classes(dims[0], dims[-1])

    def run():
        optimizer.zero_grad()
        criterion(net(x), y).backward()
        optimizer.step()

    return run


def latency(dims):
    net, x = model(dims).eval(), filled(0, 1, dims[0], dims[1])

    def run():
        with torch.no_grad():
            net(x)[0, 0].item()

    return run


def adam(n):
    p = filled(-1, 1, n).requires_grad_()
    p.grad = filled(-1, 1, n)
    try:
        return torch.optim.Adam([p], lr=1e-3, fused=True).step
    except (TypeError, RuntimeError):  # older than 2.0
        return torch.optim.Adam([p], lr=1e-3).step


def rows(kind, dims):
    table, index = filled(-2, 2, dims[0], dims[1]), classes(dims[2], dims[0])
    if kind == "gather":
        return lambda: table.index_select(0, index)
    added = filled(-2, 2, dims[2], dims[1])
    return lambda: table.index_add(0, index, added)


def prepare(kind, dtype, dims):
    torch.backends.cuda.matmul.allow_tf32 = dtype == "tf32"
    if kind == "step":
        return step(dims)
    if kind == "latency":
        return latency(dims)
    if kind == "matmul":
        a, b = (filled(-1, 1, dims[0], dims[0]) for _ in range(2))
        if dtype == "bfloat16":
            a, b = a.bfloat16(), b.bfloat16()
        return lambda: torch.matmul(a, b)
    if kind == "adam":
        return adam(dims[0])
    if kind in ("gather", "scatter-add"):
        return rows(kind, dims)
    if kind == "upload":
        here = torch.zeros(dims).pin_memory()
        return lambda: here.to(GPU, non_blocking=True)
    x = filled(-2, 2, *dims)
    if kind == "download":
        there = torch.empty(dims).pin_memory()
        return lambda: there.copy_(x, non_blocking=True)
    if kind in ("copy", "add"):
        y = x.clone()
        return (lambda: y.copy_(x)) if kind == "copy" else (lambda: torch.add(x, y))
    if kind == "softmax-backward":
        return gradient(torch.softmax(x.requires_grad_(), -1), x)
    if kind.startswith("cross-entropy"):
        y = classes(*dims)
        if kind == "cross-entropy":
            return lambda: F.cross_entropy(x, y)
        return gradient(F.cross_entropy(x.requires_grad_(), y), x)
    if kind.startswith("layer-norm"):
        w, b = filled(0, 1, dims[1]), filled(0, 1, dims[1])
        if kind == "layer-norm":
            return lambda: F.layer_norm(x, dims[1:], w, b)
        for t in (x, w, b):
            t.requires_grad_()
        return gradient(F.layer_norm(x, dims[1:], w, b), x, w, b)
    return {
        "relu": lambda: torch.relu(x),
        "enqueue": lambda: torch.relu(x),
        "exp": lambda: torch.exp(x),
        "gelu": lambda: F.gelu(x),
        "sum": lambda: torch.sum(x),
        "sum-columns": lambda: torch.sum(x, 0),
        "transpose": lambda: x.t().contiguous(),
        "uniform": lambda: x.uniform_(0, 1),
        "normal": lambda: x.normal_(0, 1),
        "softmax": lambda: torch.softmax(x, -1),
    }[kind]


def main():
    torch.manual_seed(0)
    if sys.argv[1:] == ["first"]:
        step([64, 784, 128, 64, 10])()
        torch.cuda.synchronize()
        print("@ done", flush=True)
        return
    print("@ PyTorch", torch.__version__, "with CUDA", torch.version.cuda, flush=True)
    for line in sys.stdin:
        kind, dtype, dims = line.split()
        try:
            run = prepare(kind, dtype, [int(d) for d in dims.split(",")])
            print("@", enqueue(run) if kind == "enqueue" else measure(run), flush=True)
        except Exception as e:
            print("@ failed", " ".join(str(e).split()), flush=True)
        run = None
        torch.cuda.empty_cache()


main()
