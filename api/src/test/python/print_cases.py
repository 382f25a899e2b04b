"""Writes PyTorch's text of many tensors, the expected output of TensorFormatTest and PyFormatTest.

    python3 api/src/test/python/print_cases.py

rewrites the two files in api/src/test/resources/dev/flambeau/print. Made with PyTorch 1.13.1.

tensors.txt: each case is a line of fields between tabs, PyTorch's text, and a line "----". Fields:
dtype; shape; values, or "spread:S:O", which stands for the values O + S * fraction(i * 0.618...);
then options (precision= threshold= edgeitems= linewidth= sci=) and marks (requires_grad,
grad_fn=NAME, parameter).
numbers.txt: a double as 16 hex digits, then repr, %.6g, %.9g, %.3g, %.0f, %.4f, %.4e, between tabs.
"""

import math
import pathlib
import random
import struct

import numpy
import torch

FOLDER = pathlib.Path(__file__).parents[1] / "resources/dev/flambeau/print"
DEFAULTS = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)
DTYPES = {
    "bool": torch.bool,
    "uint8": torch.uint8,
    "int32": torch.int32,
    "int64": torch.int64,
    "float32": torch.float32,
    "float64": torch.float64,
}
MARKS = ["", "requires_grad", "parameter", "grad_fn=CloneBackward0", "grad_fn=MulBackward0",
         "grad_fn=LeakyReluBackward0", "grad_fn=ViewBackward0"]
random.seed(20240607)
torch.manual_seed(0)


def numel(shape):
    return math.prod(shape)


def spread(count, scale, offset):
    return [offset + scale * (i * 2654435761 % 4294967296 / 4294967296.0) for i in range(count)]


def marked(x, mark):
    if mark == "requires_grad":
        return x.requires_grad_()
    if mark == "parameter":
        return torch.nn.Parameter(x)
    if mark == "grad_fn=CloneBackward0":
        return x.requires_grad_().clone()
    if mark == "grad_fn=MulBackward0":
        return x.requires_grad_() * 1
    if mark == "grad_fn=ViewBackward0":
        return x.requires_grad_().view(x.shape)
    if mark == "grad_fn=LeakyReluBackward0":
        return torch.nn.functional.leaky_relu(x.requires_grad_(), 1.0)
    return x


class Cases:
    def __init__(self):
        self.seen = {}

    def add(self, dtype, shape, values, mark="", **options):
        recipe = values if isinstance(values, str) else None
        if recipe:
            _, scale, offset = recipe.split(":")
            values = spread(numel(shape), float(scale), float(offset))
        x = torch.tensor(values, dtype=DTYPES[dtype]).reshape(shape)
        if dtype not in ("float32", "float64"):
            mark = ""
        fields = [dtype, ",".join(map(str, shape)),
                  recipe or ",".join(map(self.number, x.flatten().numpy()))]
        fields += ["%s=%s" % ("sci" if k == "sci_mode" else k, v) for k, v in options.items()]
        fields += [mark] if mark else []
        torch.set_printoptions(**{**DEFAULTS, **options})
        self.seen["\t".join(fields)] = repr(marked(x, mark))

    @staticmethod
    def number(value):
        """The shortest text that reads back as ``value`` in its own dtype, spelt as Java reads it."""
        if isinstance(value, numpy.bool_):
            return str(int(value))
        text = str(value)
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text.removesuffix(".0"))

    def write(self):
        text = "".join("%s\n%s\n----\n" % case for case in self.seen.items())
        (FOLDER / "tensors.txt").write_text(text)
        return len(self.seen)


def by_hand(cases):
    inf, nan = math.inf, math.nan
    floats = [
        [1, 2], [1.5], [0.0], [-0.0], [-0.0, 1], [-0.0, 0.5], [nan], [inf], [-inf], [0, nan, inf],
        [1, nan], [1, -inf, nan], [1.5, nan, -inf], [1000, 1], [1001, 1], [1001, 1.5], [1000.5, 1],
        [1e8], [100000008.0], [1e8, 1e6], [99999999.0, 0.5], [1e-4, 1e-3], [9.999e-5, 0.05],
        [1e-4 * 1.0001], [0.5, 0.00049], [0.5, 0.0005], [1e-45], [1.4e-45, 1], [1e-40, 1e-39],
        [3.4028235e38], [1.17549435e-38, -1.5], [1e-5, 0, nan], [123456.789], [99999.99995],
        [0.00005, 1], [0.12345, 0.99995], [0.99994999], [-0.00001, 0.5], [-1e-9, 1e-7], [16777216.0],
        [1e10, 1e10 + 1e5], [2.5, 3.5], [0.5, 1.5, 2.5], [5.0, inf], [1e9, nan, -inf], [12.0, 3, -4],
        [0.03125, 0.09375, 0.15625], [1.00005, 2.00015], [-1.0], [-123.0, 5.0], [7e-5], [0.1 + 0.2],
    ]
    for values in floats:
        for dtype in ("float32", "float64"):
            cases.add(dtype, [len(values)], values)
            cases.add(dtype, [len(values)], values, precision=9)
        cases.add("float32", [len(values)], values, sci_mode=True)
        cases.add("float32", [len(values)], values, sci_mode=False)
        cases.add("float32", [len(values)], values, precision=0)
        cases.add("float64", [len(values)], values, precision=2, sci_mode=True)
    for value in (0.0, -0.0, 1.0, 0.1, nan, inf, 1e-9, 1e9, 12345.678, -2.5):
        cases.add("float64", [], [value], random.choice(MARKS))
        cases.add("float32", [], [value], random.choice(MARKS), precision=9)
    cases.add("float64", [2], [1e300, 5e-324])
    cases.add("float64", [2], [5e-324, 2.2250738585072014e-308])
    cases.add("float64", [1], [1.7976931348623157e308], sci_mode=False)
    integers = [[0], [-1, 10, 100], [2**63 - 1, -(2**63)], [10**12, 7], [3], list(range(60))]
    for values in integers:
        cases.add("int64", [len(values)], values)
    for values in [[2**31 - 1, -(2**31)], [5, -6], list(range(-40, 40))]:
        cases.add("int32", [len(values)], values)
    cases.add("uint8", [5], [0, 9, 99, 255, 1])
    for dtype, shape in [("bool", []), ("bool", [1]), ("bool", [2, 3]), ("bool", [40]), ("int64", []),
                         ("uint8", []), ("int32", []), ("bool", [2, 2, 2])]:
        cases.add(dtype, shape, [random.randint(0, 1) for _ in range(numel(shape))])
    for dtype in DTYPES:
        for shape in ([0], [0, 3], [3, 0], [2, 0, 4], [0, 0], [1, 1, 0, 1]):
            cases.add(dtype, shape, [], random.choice(MARKS))


def at_random(cases, count):
    makers = [
        lambda n: torch.randn(n),
        lambda n: torch.rand(n),
        lambda n: torch.randn(n) * 10 ** random.randint(-9, 9),
        lambda n: torch.randint(-50, 50, (n,)).float(),
        lambda n: torch.randint(0, 10 ** random.randint(1, 10), (n,)).double(),
        lambda n: torch.exp(torch.randn(n) * random.randint(1, 6)),
        lambda n: torch.where(torch.rand(n) < 0.3, torch.zeros(n), torch.randn(n)),
        lambda n: torch.where(torch.rand(n) < 0.2, torch.full((n,), math.nan), torch.randn(n)),
        lambda n: torch.where(torch.rand(n) < 0.2, torch.full((n,), -math.inf), torch.randn(n).round()),
    ]
    for _ in range(count):
        rank = random.choice([0, 1, 1, 2, 2, 2, 3, 3, 4, 5])
        shape = [random.choice([1, 2, 2, 3, 3, 4] + [random.randint(5, 30)] * (rank < 3)) for _ in range(rank)]
        while numel(shape) > 64:
            shape[shape.index(max(shape))] //= 2
        options = {}
        if random.random() < 0.4:
            options["precision"] = random.choice([9, 9, 2, 0, 6])
        if random.random() < 0.25:
            options["threshold"] = random.choice([0, 5, 20])
            options["edgeitems"] = random.choice([1, 2, 3])
        if random.random() < 0.15:
            options["linewidth"] = random.choice([20, 40, 60, 120])
        if random.random() < 0.1:
            options["sci_mode"] = random.choice([True, False])
        dtype = random.choice(list(DTYPES) + ["float32"] * 6 + ["float64"])
        if dtype in ("float32", "float64"):
            values = random.choice(makers)(numel(shape)).to(DTYPES[dtype]).tolist()
        else:
            top = {"bool": 1, "uint8": 255, "int32": 2 ** random.randint(1, 31) - 1,
                   "int64": 2 ** random.randint(1, 63) - 1}[dtype]
            low = 0 if dtype in ("bool", "uint8") else -top - 1
            values = [random.randint(low, top) for _ in range(numel(shape))]
        cases.add(dtype, shape, values, random.choice(MARKS), **options)


def large(cases):
    shapes = [[1001], [2011, 1], [1000], [40, 40], [3, 400], [400, 3], [7, 200], [6, 200], [20, 10, 10],
              [2, 3, 500], [5, 6, 7, 8], [12, 1, 100], [2, 2, 2, 300], [8, 8, 8, 8], [2, 5, 7, 4, 9]]
    for shape in shapes:
        edges = {} if len(shape) < 3 else dict(edgeitems=2 if len(shape) == 3 else 1)
        cases.add("float32", shape, "spread:2:-1", random.choice(MARKS), **edges)
        cases.add("float32", shape, "spread:%g:%g" % (random.choice([20, 3000, 1e6]), random.choice([0, -10])),
                  random.choice(MARKS), precision=random.choice([4, 9]), **edges)
        cases.add("int64", shape, "spread:10000:-5000", **edges)
    cases.add("float32", [2, 7, 3, 60], "spread:1:-1", "requires_grad")
    cases.add("bool", [1200], "spread:1:0.5")
    cases.add("uint8", [1200], "spread:255:0")
    cases.add("float64", [1200], "spread:1:0", edgeitems=12)
    cases.add("float64", [30, 40], "spread:1:0", edgeitems=7)
    cases.add("float64", [15, 15], "spread:1:0", threshold=200)
    cases.add("float32", [5, 12], "spread:1:0", linewidth=5)


def numbers():
    values = [0.0, -0.0, 1.0, -1.0, 0.1, 0.3, 1e-5, 1e-4, 0.00012345, 1e15, 1e16, 1e17, 123456789012345680.0, 1e22,
              1e23, 5e-324, 1e-323, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308,
              math.nan, math.inf, -math.inf, 0.5, 1.5, 2.5, 0.125, 999999.5, 9999995.0, 0.00001, 100.0, 1e5,
              9007199254740993.0, 9999999999999998.0, 1 / 3, 2 / 3, math.pi, 6.378902796357026e-05]
    values += [2.0 ** e for e in range(-1074, 1024, 17)] + [2.0 ** -44]
    values += [random.uniform(-1, 1) * 10 ** random.randint(-20, 20) for _ in range(150)]
    values += [struct.unpack("<f", struct.pack("<f", random.uniform(-10, 10)))[0] for _ in range(50)]
    values += [struct.unpack("<d", random.randbytes(8))[0] for _ in range(120)]
    values += [round(random.uniform(0, 1000), random.randint(0, 6)) for _ in range(50)]
    lines = []
    for x in values:
        texts = [repr(x), "%.6g" % x, "%.9g" % x, "%.3g" % x, "%.0f" % x, "%.4f" % x, "%.4e" % x]
        # Hundreds of digits of huge numbers add nothing.
        texts[4:6] = texts[4:6] if not abs(x) > 1e25 or math.isinf(x) else ["", ""]
        lines.append("\t".join([struct.pack(">d", x).hex()] + texts))
    (FOLDER / "numbers.txt").write_text("\n".join(lines) + "\n")
    return len(lines)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    cases = Cases()
    by_hand(cases)
    at_random(cases, 320)
    large(cases)
    print(cases.write(), "tensors,", numbers(), "numbers")


main()
