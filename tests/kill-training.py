#!/usr/bin/env python3
"""Kills training at random moments and resumes it. Losses and the trained model must equal those of uninterrupted training, bit for bit.

usage: tests/kill-training.py [--kills 50] [--seed 1] [--folder FOLDER]
Trains all weights of the demonstration model with `llama2 train`, which must have been built in Release. Every run except the first continues from the
checkpoint of a killed run, if there is one. In half of the runs the kill waits until a file is being written. An existing checkpoint or model must be
complete. When a training has ended, its results are compared, and a new training begins.
"""
import argparse
import csv
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
COMMAND = [
    "dotnet", ROOT / "src/Llama2.Cli/bin/Release/net10.0/llama2.dll", "train", ROOT / "samples/models/storyteller-1m-Q8_0.gguf", ROOT / "samples/FineTune/sailor.jsonl",
    "--full", "--batch-tokens", "64", "--epochs", "12", "--learning-rate", "0.001"]


def arguments_of(folder):
    resume = ["--resume"] if (folder / "state.bin").exists() else []
    return [*COMMAND, "-o", folder / "model.gguf", "--checkpoint", folder / "state.bin", "--curve", folder / "curve.csv", *resume]


def curve_of(folder):
    # The figures of each step except its speed, which differs in every run and is not part of a checkpoint.
    with open(folder / "curve.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return {int(row["step"]): {name: value for name, value in row.items() if name != "tokens_per_second"} for row in rows}


def fail(message):
    sys.exit(f"FAILED: {message}")


def temporary_files(folder):
    return [name.name for name in folder.iterdir() if name.name not in ("state.bin", "model.gguf", "curve.csv")]


def train(folder, seconds, waits_for_write, expected_model):
    """Runs training until it ends or is killed: after the given seconds or, if requested, when it next writes a file. Returns whether it was killed."""
    with open(folder.with_suffix(".log"), "w+") as log:
        process = subprocess.Popen(arguments_of(folder), stdout=log, stderr=subprocess.STDOUT)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            old = set(temporary_files(folder))
            while waits_for_write and process.poll() is None and not set(temporary_files(folder)) - old:
                time.sleep(0.0005)
            process.kill()
        if process.wait() < 0:
            if (folder / "model.gguf").exists() and (folder / "model.gguf").read_bytes() != expected_model:
                fail("a killed run left an incomplete model")
            return True
        log.seek(0)
        if process.returncode != 0:
            fail(f"training failed: {log.read()}")
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    if arguments.folder:
        pathlib.Path(arguments.folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
        whole = pathlib.Path(temporary) / "whole"
        whole.mkdir()
        start = time.perf_counter()
        train(whole, None, False, b"")
        duration = time.perf_counter() - start
        curve, model = curve_of(whole), (whole / "model.gguf").read_bytes()
        print(f"uninterrupted: {len(curve)} steps in {duration:.1f} s", flush=True)
        kills = resumed = ended = without_checkpoint = writing = compared = 0
        while kills < arguments.kills or (ended == 0):
            folder = pathlib.Path(temporary) / f"run{ended}"
            folder.mkdir(exist_ok=True)
            (folder / "curve.csv").unlink(missing_ok=True)
            resumed += (folder / "state.bin").exists()
            # The last run is not killed, so the state that the killed runs left is trained to its end and compared.
            seconds = draw.uniform(0.1, duration) if kills < arguments.kills else None
            before = set(temporary_files(folder))
            if train(folder, seconds, draw.random() < 0.5, model):
                kills += 1
                without_checkpoint += not (folder / "state.bin").exists()
                writing += bool(set(temporary_files(folder)) - before)
                continue
            ended += 1
            rest = curve_of(folder)
            compared += len(rest)
            for step, line in rest.items():
                if curve[step] != line:
                    fail(f"step {step} is '{line}', not '{curve[step]}'")
            if (folder / "model.gguf").read_bytes() != model:
                fail("the model differs")
        print(f"{kills} kills, {writing} of them while a file was written, {without_checkpoint} before the first checkpoint; {resumed} runs resumed; {ended} trainings ended, {compared} steps after the last kills compared: "
              f"losses, gradient norms and models equal bit for bit")


if __name__ == "__main__":
    main()
