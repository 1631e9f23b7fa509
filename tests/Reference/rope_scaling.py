#!/usr/bin/env python3
"""Writes tests/data/rope-scaling.json: logits of tests/data/forms/huggingface with each kind of RoPE scaling that a config.json can state.

The formulas are those of Hugging Face's transformers (src/transformers/modeling_rope_utils.py), implemented again with numpy in double precision. Each
case has the members of config.json that it replaces, the tokens, and the logits of the last token.

    python3 tests/Reference/rope_scaling.py > tests/data/rope-scaling.json
"""
import json
import math
import os
import struct
import sys

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "forms", "huggingface")
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 512}
LONG = {"max_position_embeddings": 2048}
CASES = [
    ("linear", {"rope_scaling": {"type": "linear", "factor": 2.5}}, 40),
    ("linear with its original length", {"rope_scaling": {"rope_type": "linear", "factor": 2, "original_max_position_embeddings": 32}}, 40),
    ("theta of Code Llama", {"rope_theta": 1000000}, 40),
    ("yarn", {**LONG, "rope_scaling": YARN}, 40),
    ("yarn of YaRN's authors", {**LONG, "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 512, "finetuned": True}}, 40),
    ("yarn without an original length", {"max_position_embeddings": 512, "rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, 40),
    ("yarn with the original length outside", {**LONG, "original_max_position_embeddings": 512, "rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, 40),
    ("yarn without a factor", {**LONG, "rope_scaling": {"rope_type": "yarn", "factor": None, "original_max_position_embeddings": 256}}, 40),
    ("yarn not truncated", {**LONG, "rope_scaling": {**YARN, "truncate": False}}, 40),
    ("yarn truncated", {**LONG, "rope_scaling": {**YARN, "truncate": True}}, 40),
    ("yarn not truncated, a ramp of no width", {**LONG, "rope_scaling": {**YARN, "truncate": False, "beta_fast": 4, "beta_slow": 4}}, 40),
    ("yarn with betas", {**LONG, "rope_scaling": {**YARN, "beta_fast": 12.5, "beta_slow": 0.75, "truncate": False}}, 40),
    ("yarn with betas of 0", {**LONG, "rope_scaling": {**YARN, "beta_fast": 0, "beta_slow": None}}, 40),
    ("yarn with an attention factor", {**LONG, "rope_scaling": {**YARN, "attention_factor": 1.3}}, 40),
    ("yarn with both multipliers", {**LONG, "rope_scaling": {**YARN, "mscale": 0.707, "mscale_all_dim": 1.5}}, 40),
    ("yarn with an attention factor and multipliers", {**LONG, "rope_scaling": {**YARN, "attention_factor": 0.9, "mscale": 0.707, "mscale_all_dim": 1.5}}, 40),
    ("yarn with one multiplier", {**LONG, "rope_scaling": {**YARN, "mscale": 0.707}}, 40),
    ("parameters of version 5", {"rope_theta": None, "rope_scaling": None, "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0, "partial_rotary_factor": 1.0}}, 40),
    ("yarn of version 5", {**LONG, "rope_theta": None, "rope_scaling": None, "rope_parameters": {**YARN, "rope_theta": 700.0, "truncate": False}}, 40),
    ("dynamic within the trained length", {"rope_scaling": {"type": "dynamic", "factor": 2.0}}, 60),
    ("dynamic beyond the trained length", {"rope_scaling": {"type": "dynamic", "factor": 2.0, "original_max_position_embeddings": 64}}, 100),
    ("dynamic far beyond the trained length", {"rope_scaling": {"rope_type": "dynamic", "factor": 1.0}}, 250),
]


def read_model():
    with open(os.path.join(FOLDER, "config.json")) as file:
        config = json.load(file)
    with open(os.path.join(FOLDER, "model.safetensors"), "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(data[8 + length + begin:8 + length + end], "<f4").reshape(entry["shape"]).astype(np.float64)
    return config, tensors


def frequencies(config, token_count):
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    base = scaling.get("rope_theta") or config.get("rope_theta")
    dim = config["hidden_size"] // config["num_attention_heads"]
    trained = config["max_position_embeddings"]
    exponents = np.arange(0, dim, 2) / dim
    if kind == "default":
        return 1 / base ** exponents, 1.0
    if kind == "linear":
        return 1 / base ** exponents / scaling["factor"], 1.0
    if kind == "dynamic":
        length, factor = max(token_count, trained), scaling["factor"]
        base = base * (factor * length / trained - (factor - 1)) ** (dim / (dim - 2))
        return 1 / base ** exponents, 1.0

    original = scaling.get("original_max_position_embeddings") or config.get("original_max_position_embeddings") or trained
    factor = scaling.get("factor") or trained / original

    def temperature(multiplier):
        return 0.1 * multiplier * math.log(factor) + 1 if factor > 1 else 1.0

    attention = scaling.get("attention_factor")
    if attention is None:
        both = scaling.get("mscale") and scaling.get("mscale_all_dim")
        attention = temperature(scaling["mscale"]) / temperature(scaling["mscale_all_dim"]) if both else temperature(1)

    def pair_that_turns(count):
        return dim * math.log(original / (count * 2 * math.pi)) / (2 * math.log(base))

    low, high = pair_that_turns(scaling.get("beta_fast") or 32), pair_that_turns(scaling.get("beta_slow") or 1)
    if scaling.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1)
    if low == high:
        high += 0.001
    ramp = np.clip((np.arange(dim // 2) - low) / (high - low), 0, 1)
    return 1 / (factor * base ** exponents) * ramp + 1 / base ** exponents * (1 - ramp), attention


def logits(config, tensors, tokens):
    heads, groups = config["num_attention_heads"], config["num_attention_heads"] // config["num_key_value_heads"]
    count, head = len(tokens), config["hidden_size"] // config["num_attention_heads"]
    inverse, attention = frequencies(config, count)
    angle = np.arange(count)[:, None] * np.concatenate([inverse, inverse])[None, :]
    cos, sin = np.cos(angle)[:, None, :] * attention, np.sin(angle)[:, None, :] * attention

    def rms(x, w):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + config["rms_norm_eps"]) * w

    def rotate(x):
        return x * cos + np.concatenate([-x[..., head // 2:], x[..., :head // 2]], -1) * sin

    x = tensors["model.embed_tokens.weight"][tokens]
    for layer in range(config["num_hidden_layers"]):
        def of(name):
            return tensors["model.layers.%d.%s.weight" % (layer, name)]

        h = rms(x, of("input_layernorm"))
        q = rotate((h @ of("self_attn.q_proj").T).reshape(count, heads, head))
        k = np.repeat(rotate((h @ of("self_attn.k_proj").T).reshape(count, -1, head)), groups, axis=1)
        v = np.repeat((h @ of("self_attn.v_proj").T).reshape(count, -1, head), groups, axis=1)
        s = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(head)
        s = np.where(np.tril(np.ones((count, count), bool))[None], s, -np.inf)
        p = np.exp(s - s.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        x = x + np.einsum("hij,jhd->ihd", p, v).reshape(count, -1) @ of("self_attn.o_proj").T
        h = rms(x, of("post_attention_layernorm"))
        g = h @ of("mlp.gate_proj").T
        x = x + (g / (1 + np.exp(-g)) * (h @ of("mlp.up_proj").T)) @ of("mlp.down_proj").T
    return rms(x[-1], tensors["model.norm.weight"]) @ tensors["lm_head.weight"].T


def main():
    config, tensors = read_model()
    cases = []
    for name, members, count in CASES:
        tokens = [1] + [3 + (i * i + 7 * i) % 287 for i in range(count - 1)]
        result = logits({**config, **members}, tensors, tokens)
        cases.append({"name": name, "members": members, "tokens": tokens, "logits": [float("%.8g" % value) for value in result]})
    sys.stdout.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
