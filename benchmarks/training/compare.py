#!/usr/bin/env python3
"""Measures the same LoRA and QLoRA training in PyTorch and in Llama2, in turn, and prints tokens a second and their ratio. Then measures float32 products on one core.

usage: benchmarks/training/compare.py [--threads 2] [--rounds 2] [--kinds LoRA QLoRA] [--model 160m-F32.gguf] [--as-installed] [--no-products]
Needs PyTorch and the .NET SDK. The model has the shape 160m (ModelShape) with random float32 weights. Adapters of rank 16 on all seven layers of each
block are trained with AdamW, one sample of 512 tokens a step. Llama2 has its default options, with which it keeps activations, as PyTorch does here. A
figure is that of the best of 12 steps. Compare on an idle machine only. With --model, nothing is built, and the model is that of an earlier run.

QLoRA keeps the matrices of the blocks in NF4, in blocks of 64 weights, whose scales have 8 bits in groups of 256. PyTorch dequantizes a matrix to
float32 whenever it is multiplied, forward and backward, as bitsandbytes does. A table with the two weights of each of the 256 bytes, read by
index_select, was the fastest of 13 ways to do this in PyTorch 1.13 (0.9 ms for 3072 × 768 weights; the others took 0.8 to 11 ms).

An OpenBLAS that is older than the processor may fail to recognize the processor, or have slow kernels for it: on Zen 4, OpenBLAS 0.3.21 multiplies
faster with the kernels for ZEN than with those for SKYLAKEX, which use AVX-512. Therefore OPENBLAS_CORETYPE is set to the fastest of several, unless
it is set already. ATEN_CPU_CAPABILITY is set if the processor has AVX-512. OMP_WAIT_POLICY=passive, unless set already, lets idle threads sleep: the
threads of PyTorch and of OpenBLAS would otherwise spin and slow each other down. With --as-installed none of these variables is set.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

if "--as-installed" not in sys.argv:
    if "avx512bw" in pathlib.Path("/proc/cpuinfo").read_text():
        os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
import torch.nn.functional as F

WIDTH, LAYERS, HEADS, HIDDEN, VOCABULARY, TOKENS, RANK, STEPS = 768, 12, 12, 3072, 32000, 512, 16, 12
HEAD = WIDTH // HEADS
ROOT = pathlib.Path(__file__).resolve().parents[2]


# The 16 values of NF4 (QLoRA, Dettmers et al. 2023): quantiles of the normal distribution, scaled to −1 … 1.
NF4 = torch.tensor([
    -1.0, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.09105004, 0.0,
    0.0795803, 0.1609302, 0.2461123, 0.33791524, 0.44070983, 0.562617, 0.72295684, 1.0])
# The two weights of each byte, as one number of 64 bits, so that the table has one entry for each byte.
NF4_PAIRS = torch.stack((NF4[torch.arange(256) & 15], NF4[torch.arange(256) >> 4]), 1).contiguous().view(torch.float64).view(-1)


class Nf4:
    """A matrix in NF4 with double quantization."""

    def __init__(self, weight):
        self.shape = weight.shape
        blocks = weight.reshape(-1, 64)
        scales = blocks.abs().amax(1, keepdim=True)
        codes = torch.bucketize(blocks / scales, (NF4[1:] + NF4[:-1]) / 2).view(-1, 2)
        self.codes = (codes[:, 0] | codes[:, 1] << 4).to(torch.uint8)
        self.mean = scales.mean()
        groups = (scales - self.mean).view(-1, 256)
        self.steps = groups.abs().amax(1, keepdim=True) / 127
        self.scales = (groups / self.steps).round().to(torch.int8)

    def dequantize(self):
        weights = torch.index_select(NF4_PAIRS, 0, self.codes.int()).view(torch.float32).view(-1, 64)
        return weights.mul_((self.scales * self.steps + self.mean).view(-1, 1)).view(self.shape)


class Nf4Product(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight):
        context.weight = weight
        return F.linear(x, weight.dequantize())

    @staticmethod
    def backward(context, gradient):
        return gradient @ context.weight.dequantize(), None


class Lora(torch.nn.Module):
    def __init__(self, rows, columns, quantizes):
        super().__init__()
        weight = torch.randn(rows, columns) * columns ** -0.5
        self.weight = Nf4(weight) if quantizes else torch.nn.Parameter(weight, requires_grad=False)
        self.a = torch.nn.Parameter(torch.randn(RANK, columns) * columns ** -0.5)
        self.b = torch.nn.Parameter(torch.zeros(rows, RANK))

    def forward(self, x):
        base = Nf4Product.apply(x, self.weight) if isinstance(self.weight, Nf4) else F.linear(x, self.weight)
        return base + F.linear(F.linear(x, self.a), self.b)


def norm(x):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5)


def rotate(x, cosine, sine):
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


class Block(torch.nn.Module):
    def __init__(self, quantizes):
        super().__init__()
        self.q, self.k, self.v, self.o = (Lora(WIDTH, WIDTH, quantizes) for _ in range(4))
        self.gate, self.up, self.down = Lora(HIDDEN, WIDTH, quantizes), Lora(HIDDEN, WIDTH, quantizes), Lora(WIDTH, HIDDEN, quantizes)

    def forward(self, x, cosine, sine, mask):
        n = norm(x)
        q, k, v = (p(n).view(TOKENS, HEADS, HEAD).transpose(0, 1) for p in (self.q, self.k, self.v))
        q, k = rotate(q, cosine, sine), rotate(k, cosine, sine)
        attended = (q @ k.transpose(1, 2) * HEAD ** -0.5 + mask).softmax(-1) @ v
        x = x + self.o(attended.transpose(0, 1).reshape(TOKENS, WIDTH))
        n = norm(x)
        return x + self.down(F.silu(self.gate(n)) * self.up(n))


def pytorch(threads, quantizes):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    embedding, output = torch.randn(VOCABULARY, WIDTH) * 0.02, torch.randn(VOCABULARY, WIDTH) * WIDTH ** -0.5
    blocks = torch.nn.ModuleList(Block(quantizes) for _ in range(LAYERS))
    optimizer = torch.optim.AdamW([p for p in blocks.parameters() if p.requires_grad], lr=2e-4, weight_decay=0.0)
    angles = torch.arange(TOKENS)[:, None] * 10000.0 ** (-torch.arange(0, HEAD, 2) / HEAD)
    cosine, sine = angles.cos(), angles.sin()
    mask = torch.full((TOKENS, TOKENS), float("-inf")).triu(1)
    tokens = torch.tensor([(i * 7919 + 13) % VOCABULARY for i in range(TOKENS + 1)])
    best = float("inf")
    for _ in range(STEPS):
        start = time.perf_counter()
        x = embedding[tokens[:-1]]
        for block in blocks:
            x = block(x, cosine, sine, mask)
        F.cross_entropy(F.linear(norm(x), output), tokens[1:]).backward()
        torch.nn.utils.clip_grad_norm_([p for p in blocks.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        best = min(best, time.perf_counter() - start)
    return TOKENS / best


def bench(threads, *arguments):
    environment = dict(os.environ, DOTNET_PROCESSOR_COUNT=str(threads))
    return subprocess.run(
        ["dotnet", ROOT / "benchmarks/Llama2.Benchmarks/bin/Release/net10.0/Llama2.Benchmarks.dll", "quick", *arguments],
        check=True, capture_output=True, text=True, env=environment).stdout


def llama2(model, threads, kind):
    return float(re.search(r": ([0-9.]+) tokens/s", bench(threads, "training-defaults", model, *(["nf4"] if kind == "QLoRA" else []))).group(1))


def pytorch_product(columns, length):
    """Billions of multiply-adds a second of x·Wᵀ on one thread: the fastest product within 0.7 seconds."""
    x, weights, output = torch.randn(TOKENS, length), torch.randn(columns, length), torch.empty(TOKENS, columns)
    best, end = float("inf"), time.perf_counter() + 0.7
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(x, weights.t(), out=output)
        best = min(best, time.perf_counter() - start)
    return TOKENS * columns * length / best / 1e9


def measure(threads, *arguments):
    """Returns the figure that this script prints when it runs in a separate process, because OpenBLAS reads its number of threads only when it is loaded."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    return float(subprocess.run([sys.executable, __file__, *map(str, arguments), *(["--as-installed"] if "--as-installed" in sys.argv else [])], check=True, capture_output=True, text=True, env=environment).stdout)


def choose_kernels():
    """Lets OpenBLAS use the kernels with which it multiplies fastest."""
    def speed(name):
        os.environ["OPENBLAS_CORETYPE"] = name
        return measure(1, "--product", HIDDEN, WIDTH)

    names = ("SKYLAKEX", "ZEN", "HASWELL") * 2
    fastest = max(zip(map(speed, names), names))[1]
    os.environ["OPENBLAS_CORETYPE"] = fastest
    print(f"OpenBLAS uses its kernels for {fastest}", flush=True)


def products():
    """Prints the speed of products on one core, and the peak that was measured in the same run."""
    section = bench(1, "training").split("2 thread(s)")[0]
    print("one thread, billions of multiply-adds a second")
    for columns, length, peak, ours in re.findall(r"512 × (\d+) × (\d+): peak ([0-9.]+), x·Wᵀ ([0-9.]+)", section):
        peak, ours, theirs = float(peak), float(ours), measure(1, "--product", columns, length)
        print(f"  512 × {columns} × {length}: peak {peak:.1f}, Llama2 {ours:.1f} ({ours / peak:.0%}), PyTorch {theirs:.1f} ({theirs / peak:.0%}): {ours / theirs:.2f} times", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kinds", nargs="+", choices=["LoRA", "QLoRA"], default=["LoRA", "QLoRA"])
    parser.add_argument("--model")
    parser.add_argument("--no-products", action="store_true")
    parser.add_argument("--as-installed", action="store_true")
    parser.add_argument("--product", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--step", choices=["LoRA", "QLoRA"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.product:
        torch.set_num_threads(1)
        print(pytorch_product(*arguments.product))
        return
    if arguments.step:
        print(pytorch(arguments.threads, arguments.step == "QLoRA"))
        return
    if not arguments.as_installed and "OPENBLAS_CORETYPE" not in os.environ:
        choose_kernels()
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or make_model(folder)
        for _ in range(arguments.rounds):
            for kind in arguments.kinds:
                ours, theirs = llama2(model, arguments.threads, kind), measure(arguments.threads, "--step", kind, "--threads", arguments.threads)
                print(f"{kind}, {arguments.threads} threads: Llama2 {ours:.0f} tokens/s, PyTorch {torch.__version__} {theirs:.0f} tokens/s: {ours / theirs:.2f} times", flush=True)
    if not arguments.no_products:
        products()


def make_model(folder):
    for project in ("benchmarks/Llama2.Benchmarks", "src/Llama2.Cli"):
        subprocess.run(["dotnet", "build", "-c", "Release", "--nologo", "-v", "quiet", ROOT / project], check=True)
    model = f"{folder}/160m.gguf"
    subprocess.run(
        ["dotnet", ROOT / "src/Llama2.Cli/bin/Release/net10.0/llama2.dll", "make-random", "--shape", "160m", "--type", "F32", model], check=True, capture_output=True)
    return model


if __name__ == "__main__":
    main()
