#!/usr/bin/env python3
"""The same LoRA training in PyTorch and in Llama2, in turn: tokens a second and their ratio.

usage: benchmarks/training/compare.py [--threads 2] [--rounds 2]
Needs PyTorch and the .NET SDK. The model is RandomModelShape's 160m with random float32 weights; adapters of rank 16 on all seven layers of each
block, one sample of 512 tokens a step, activations kept, AdamW. Compare on an idle machine only.
"""
import argparse
import os
import pathlib
import re
import subprocess
import tempfile
import time

import torch
import torch.nn.functional as F

WIDTH, LAYERS, HEADS, HIDDEN, VOCABULARY, TOKENS, RANK, STEPS = 768, 12, 12, 3072, 32000, 512, 16, 6
HEAD = WIDTH // HEADS
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Lora(torch.nn.Module):
    def __init__(self, rows, columns):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(rows, columns) * columns ** -0.5, requires_grad=False)
        self.a = torch.nn.Parameter(torch.randn(RANK, columns) * columns ** -0.5)
        self.b = torch.nn.Parameter(torch.zeros(rows, RANK))

    def forward(self, x):
        return F.linear(x, self.weight) + F.linear(F.linear(x, self.a), self.b)


def norm(x):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5)


def rotate(x, cosine, sine):
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (Lora(WIDTH, WIDTH) for _ in range(4))
        self.gate, self.up, self.down = Lora(HIDDEN, WIDTH), Lora(HIDDEN, WIDTH), Lora(WIDTH, HIDDEN)

    def forward(self, x, cosine, sine, mask):
        n = norm(x)
        q, k, v = (p(n).view(TOKENS, HEADS, HEAD).transpose(0, 1) for p in (self.q, self.k, self.v))
        q, k = rotate(q, cosine, sine), rotate(k, cosine, sine)
        attended = (q @ k.transpose(1, 2) * HEAD ** -0.5 + mask).softmax(-1) @ v
        x = x + self.o(attended.transpose(0, 1).reshape(TOKENS, WIDTH))
        n = norm(x)
        return x + self.down(F.silu(self.gate(n)) * self.up(n))


def pytorch(threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    embedding, output = torch.randn(VOCABULARY, WIDTH) * 0.02, torch.randn(VOCABULARY, WIDTH) * WIDTH ** -0.5
    blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
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


def llama2(model, threads):
    environment = dict(os.environ, DOTNET_PROCESSOR_COUNT=str(threads))
    output = subprocess.run(
        ["dotnet", ROOT / "benchmarks/Llama2.Benchmarks/bin/Release/net10.0/Llama2.Benchmarks.dll", "quick", "training-step", model],
        check=True, capture_output=True, text=True, env=environment).stdout
    return float(re.search(r"activations of float32: ([0-9.]+) tokens/s", output).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    for project in ("benchmarks/Llama2.Benchmarks", "samples/Llama2.Cli"):
        subprocess.run(["dotnet", "build", "-c", "Release", "--nologo", "-v", "quiet", ROOT / project], check=True)
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/160m.gguf"
        subprocess.run(
            ["dotnet", ROOT / "samples/Llama2.Cli/bin/Release/net10.0/llama2.dll", "make-random", "--shape", "160m", "--type", "F32", model],
            check=True, capture_output=True)
        for _ in range(arguments.rounds):
            ours, theirs = llama2(model, arguments.threads), pytorch(arguments.threads)
            print(f"Llama2 {ours:.0f} tokens/s, PyTorch {torch.__version__} {theirs:.0f} tokens/s: {ours / theirs:.2f} times", flush=True)


if __name__ == "__main__":
    main()
