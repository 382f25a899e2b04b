"""Writes PyTorch's text and numbers of float16 and bfloat16 tensors, the expected output of HalfTest.

    python3 api/src/test/python/half_cases.py

rewrites halves.txt and half_numbers.txt in api/src/test/resources/dev/flambeau/print. Made with
PyTorch 1.13.1.

halves.txt: each case is a line of fields between tabs, PyTorch's text, and a line "----". Fields:
dtype; shape; the elements' bits in hex, or "ramp:STEP", the bits 0, STEP, 2 STEP ... modulo 65536;
then marks (requires_grad) and options (precision= sci=).
half_numbers.txt: a double as 16 hex digits, then the bits of float16 and of bfloat16 it becomes.
"""

import itertools
import pathlib
import random
import struct

import torch

FOLDER = pathlib.Path(__file__).parents[1] / "resources/dev/flambeau/print"
DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}
DEFAULTS = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)
random.seed(20240607)


def signed(bits):
    return bits - 65536 if bits >= 32768 else bits


def from_bits(bits, dtype):
    return torch.tensor([signed(b) for b in bits], dtype=torch.int16).view(dtype)


def bits_of(x):
    return [b & 0xFFFF for b in x.flatten().contiguous().view(torch.int16).tolist()]


def case(name, shape, bits, recipe=None, mark="", **options):
    x = from_bits(bits, DTYPES[name]).reshape(shape)
    fields = [name, ",".join(map(str, shape)), recipe or ",".join("%04x" % b for b in bits)]
    fields += [mark] if mark else []
    fields += ["%s=%s" % ("sci" if k == "sci_mode" else k, v) for k, v in options.items()]
    torch.set_printoptions(**{**DEFAULTS, **options})
    return "\t".join(fields) + "\n" + repr(x.requires_grad_() if mark else x)


def cases():
    for name, dtype in DTYPES.items():
        def of(*values):
            return bits_of(torch.tensor(values, dtype=dtype))

        inf, nan = float("inf"), float("nan")
        rows = [
            (1.0,), (0.1,), (1, 2, 3), (0.1, 0.2, 0.3), (1.5, -2.25, 1000), (inf, -inf, nan),
            (inf, 1, 2), (nan, 0.5), (-0.0, 0.0), (1e-4, 1), (6e-8, 1), (6e-8,), (3e-6, 5e-5),
            (65504, 1), (65504, 0.5), (60000, 2), (0.001, 3), (0.00099, 30.5), (1e-5, inf),
            (2048, 2050), (1234.5, 0.25), (-1, -0.001), (0, 0, 0), (nan, nan), (1 / 3, 2 / 3),
        ]
        for values in rows:
            yield case(name, [len(values)], of(*values))
            if len(values) == 1:
                yield case(name, [], of(*values))
        yield case(name, [0], [])
        yield case(name, [2, 0], [])
        yield case(name, [2], of(0.1, 2), mark="requires_grad")
        yield case(name, [], of(0.1), mark="requires_grad")
        yield case(name, [2], of(0.1, 2), precision=8)
        yield case(name, [2], of(0.1, 2), sci_mode=True)
        yield case(name, [2], of(6e-8, 2), sci_mode=False)
        for shape in ([2, 3], [3, 2, 2], [1, 1, 1], [12], [40], [5, 12]):
            n = torch.Size(shape).numel()
            yield case(name, shape, of(*[random.gauss(0, 2) for _ in range(n)]))
            yield case(name, shape, [random.randrange(65536) for _ in range(n)])
        for step, shape in itertools.product((1, 7, 257), ([1001], [40, 50], [20, 9, 8])):
            n = torch.Size(shape).numel()
            yield case(name, shape, [i * step % 65536 for i in range(n)], "ramp:%d" % step)


def numbers():
    values = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 65519.0, 65519.999, 65520.0, 3.39e38, 3.4e38, 1e300,
              2.0**-24, 2.0**-25, 2.0**-25 * 1.0001, 6e-8, 5.9e-5, 1e-40, 9.2e-41, 4.6e-41, 1 + 2.0**-11,
              1 + 2.0**-11 + 2.0**-30, 1 + 3 * 2.0**-11, 1 + 2.0**-8, 1 + 2.0**-8 + 2.0**-40, 2049.0, 2051.0]
    values += [random.gauss(0, 1) * 10 ** random.randint(-9, 6) for _ in range(400)]
    for v in values:
        bits = [bits_of(torch.tensor([v], dtype=t))[0] for t in DTYPES.values()]
        yield "%s\t%04x\t%04x" % (struct.pack(">d", v).hex(), *bits)


(FOLDER / "halves.txt").write_text("\n----\n".join(cases()), encoding="utf-8")
(FOLDER / "half_numbers.txt").write_text("\n".join(numbers()) + "\n", encoding="utf-8")
