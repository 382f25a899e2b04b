"""PyTorch on a GPU behind the protocol of GpuWorker.java: a line "KIND DTYPE DIMS", answered by "@ NS".

Arguments: the device, and "first" for nothing but the first training step of a fresh process.
"""

import statistics
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    DEVICE = torch.device(sys.argv[1])
    torch.zeros(1, device=DEVICE)
except Exception as e:
    print("@ failed", " ".join(str(e).split()), flush=True)
    sys.exit()

CUDA = DEVICE.type == "cuda"
BATCHES, ENQUEUED = 15, 200
LONG_NS, SHORT_NS = 500_000_000, 1_000_000_000


def synchronize():
    if CUDA:
        torch.cuda.synchronize(DEVICE)


def batch(run, count):
    start = time.perf_counter_ns()
    for _ in range(count):
        run()
    synchronize()
    return (time.perf_counter_ns() - start) / count


def measure(run):
    count, start = 1, time.perf_counter_ns()
    end = start + SHORT_NS
    while True:
        ns = batch(run, count)
        if ns > 2e5:
            end = min(end, start + LONG_NS)
        if ns * count < 1e7 and count < 1 << 14:
            count *= 2
        if time.perf_counter_ns() >= end:
            break
    return statistics.median(batch(run, count) for _ in range(BATCHES))


def queued(run):
    start = time.perf_counter_ns()
    for _ in range(ENQUEUED):
        run()
    done = time.perf_counter_ns()
    synchronize()
    return (done - start) / ENQUEUED


def enqueue(run):
    end = time.perf_counter_ns() + SHORT_NS
    while time.perf_counter_ns() < end:
        queued(run)
    return statistics.median(queued(run) for _ in range(10 * BATCHES))


def filled(low, high, *dims):
    return torch.empty(dims, device=DEVICE).uniform_(low, high)


def classes(bound, *dims):
    return torch.randint(bound, dims, device=DEVICE)


def pinned(dims):
    """Memory of the host that copies go to and from at the bus's own pace."""
    return torch.zeros(dims, pin_memory=CUDA)


def gradient(y, *inputs):
    g = torch.ones((), device=DEVICE) if y.dim() == 0 else filled(-1, 1, *y.shape)
    return lambda: torch.autograd.grad(y, inputs, g, retain_graph=True)


def model(dims):
    layers = []
    for i in range(1, len(dims) - 1):
        layers.append(nn.Linear(dims[i], dims[i + 1]))
        if i + 2 < len(dims):
            layers.append(nn.ReLU())
    return nn.Sequential(*layers).to(DEVICE)


def step(dims):
    net, criterion = model(dims), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    x, y = filled(0, 1, dims[0], dims[1]), classes(dims[-1], dims[0])

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
        return torch.optim.Adam([p], lr=1e-3, fused=CUDA).step
    except (TypeError, RuntimeError):  # older than 2.0
        return torch.optim.Adam([p], lr=1e-3).step


def rows(kind, dims):
    table, index = filled(-2, 2, dims[0], dims[1]), classes(dims[0], dims[2])
    if kind == "gather-rows":
        return lambda: table.index_select(0, index)
    added = filled(-2, 2, dims[2], dims[1])
    return lambda: table.index_add(0, index, added)


def elements(kind, dims):
    x, index = filled(-2, 2, *dims), classes(dims[1], *dims)
    if kind == "gather":
        return lambda: x.gather(1, index)
    added = filled(-2, 2, *dims)
    return lambda: x.scatter_add(1, index, added)


def prepare(kind, dtype, dims):
    torch.set_float32_matmul_precision("high" if dtype == "tf32" else "highest")
    # Sums at an index: the same bits in every run, as ours, unless the line says otherwise.
    same = kind in ("add-rows", "scatter-add") and dtype != "atomic"
    torch.use_deterministic_algorithms(same, warn_only=True)
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
    if kind in ("gather-rows", "add-rows"):
        return rows(kind, dims)
    if kind in ("gather", "scatter-add"):
        return elements(kind, dims)
    if kind == "upload":
        here = pinned(dims)
        return lambda: here.to(DEVICE, non_blocking=True)
    if kind == "upload-pageable":
        here = torch.zeros(dims)
        return lambda: here.to(DEVICE)
    x = filled(-2, 2, *dims)
    if kind == "download":
        there = pinned(dims)
        return lambda: there.copy_(x, non_blocking=True)
    if kind == "download-pageable":
        return lambda: x.to("cpu")
    if kind in ("copy", "add", "enqueue-add"):
        y = x.clone()
        return (lambda: y.copy_(x)) if kind == "copy" else (lambda: torch.add(x, y))
    if kind == "softmax-backward":
        return gradient(torch.softmax(x.requires_grad_(), -1), x)
    if kind.startswith("cross-entropy"):
        y = classes(dims[1], dims[0])
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
        "enqueue-relu": lambda: torch.relu(x),
        "exp": lambda: torch.exp(x),
        "gelu": lambda: F.gelu(x),
        "sum": lambda: torch.sum(x),
        "sum-columns": lambda: torch.sum(x, 0),
        "transpose": lambda: x.t().contiguous(),
        "uniform": lambda: x.uniform_(0, 1),
        "normal": lambda: x.normal_(0, 1),
        "bernoulli": lambda: x.bernoulli_(0.5),
        "softmax": lambda: torch.softmax(x, -1),
    }[kind]


def main():
    torch.manual_seed(0)
    # Products of halves are added up in float32 whatever the algorithm, as ours.
    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    if "first" in sys.argv[2:]:
        step([64, 784, 128, 64, 10])()
        synchronize()
        print("@ done", flush=True)
        return
    if hasattr(torch.utils, "deterministic"):  # else new tensors would be filled, and timed with that
        torch.utils.deterministic.fill_uninitialized_memory = False
    about = [torch.__version__]
    if CUDA:
        about += ["with CUDA", torch.version.cuda, "on", torch.cuda.get_device_name(DEVICE)]
    print("@ PyTorch", *about, flush=True)
    for line in sys.stdin:
        kind, dtype, dims = line.split()
        try:
            run = prepare(kind, dtype, [int(d) for d in dims.split(",")])
            print("@", enqueue(run) if kind.startswith("enqueue") else measure(run), flush=True)
        except Exception as e:
            print("@ failed", " ".join(str(e).split()), flush=True)
        run = None
        if CUDA:
            torch.cuda.empty_cache()


main()
