"""Writes schedules.gz: what PyTorch's learning-rate schedules give, epoch by epoch, as the lines that Table.java describes.

    python3 schedules.py FOLDER

Arguments of a case: the optimizer's rate, then the schedule's own options. StepLR: step size, gamma.
CosineAnnealingLR: T_max, eta_min. ReduceLROnPlateau: mode, factor, patience, threshold, threshold mode, cooldown, least
rate, eps; its input is the metric of each epoch. Output: the rate after each step, the rate at the start first.
"""

import base64
import gzip
import random
import struct
import sys
import warnings

import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR, ReduceLROnPlateau, StepLR

warnings.simplefilter("ignore")
EPOCHS = 60


def optimizer(lr):
    return SGD([torch.zeros(1, requires_grad=True)], lr=lr)


def doubles(values):
    data = base64.b64encode(struct.pack("<%dd" % len(values), *values)).decode()
    return "f64[%d]c:%s" % (len(values), data)


def argument(value):
    if isinstance(value, str):
        return "s" + value
    return ("i%d" if isinstance(value, int) else "d%r") % value


def line(op, args, inputs, rates):
    return "\t".join([op, " ".join(map(argument, args)), inputs, doubles(rates), "-", "-", "-"])


def follow(opt, step):
    rates = [opt.param_groups[0]["lr"]]
    for epoch in range(EPOCHS):
        opt.step()
        step(epoch)
        rates.append(opt.param_groups[0]["lr"])
    return rates


def cases():
    yield "# torch " + torch.__version__ + " (Python)"
    for lr, size, gamma in [(0.1, 1, 0.9), (0.1, 7, 0.1), (0.05, 30, 0.5), (1.0, 3, 0.999)]:
        opt = optimizer(lr)
        schedule = StepLR(opt, size, gamma)
        yield line("StepLR", [lr, size, gamma], "", follow(opt, lambda _: schedule.step()))
    for lr, t_max, least in [(0.1, 60, 0.0), (0.1, 25, 0.001), (0.3, 10, 0.05), (0.01, 1, 0.0)]:
        opt = optimizer(lr)
        schedule = CosineAnnealingLR(opt, t_max, least)
        yield line("CosineAnnealingLR", [lr, t_max, least], "", follow(opt, lambda _: schedule.step()))
    draw = random.Random(110)
    for options in [
        (0.1, "min", 0.1, 10, 1e-4, "rel", 0, 0.0, 1e-8),
        (0.1, "min", 0.5, 2, 1e-4, "rel", 0, 0.0, 1e-8),
        (0.1, "max", 0.5, 3, 1e-2, "abs", 2, 0.0, 1e-8),
        (0.2, "max", 0.3, 1, 1e-2, "rel", 0, 0.01, 1e-8),
        (0.1, "min", 0.7, 0, 0.05, "abs", 1, 1e-3, 1e-3),
        (0.1, "min", 0.5, 2, 0.0, "rel", 5, 0.0, 1e-8),
    ]:
        lr, mode, factor, patience, threshold, threshold_mode, cooldown, least, eps = options
        falls = -1 if mode == "min" else 1
        metrics = [1 + falls * 0.02 * min(epoch, 25) + draw.uniform(-0.05, 0.05) for epoch in range(EPOCHS)]
        if options[3] == 2:
            metrics[7] = float("nan")
        opt = optimizer(lr)
        schedule = ReduceLROnPlateau(
            opt,
            mode=mode,
            factor=factor,
            patience=patience,
            threshold=threshold,
            threshold_mode=threshold_mode,
            cooldown=cooldown,
            min_lr=least,
            eps=eps,
        )
        rates = follow(opt, lambda epoch: schedule.step(metrics[epoch]))
        yield line("ReduceLROnPlateau", options, doubles(metrics), rates)


with open(sys.argv[1] + "/schedules.gz", "wb") as raw:
    with gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as table:
        table.write(("\n".join(cases()) + "\n").encode("ascii"))
