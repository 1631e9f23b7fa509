"""Golden data for Export/PeftFolderTests: names and shapes of the tensors, and scales of the matrices, that Hugging Face's PEFT itself gives adapters.

usage: python3 tests/Reference/peft_state.py > tests/data/adapters/peft-state.json
Needs PyTorch and peft (the file was made with peft 0.20). The model has the module names of transformers' LlamaForCausalLM and the shape of TinyTraining.
"""
import json
from types import SimpleNamespace

import torch
from torch import nn

from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict

WIDTH, LAYERS, KEY_VALUE_WIDTH, FEED_FORWARD, VOCABULARY = 64, 2, 32, 96, 32000
MATRICES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANKS = {"q_proj": 2, r".*\.1\.mlp\..*": 6}
ALPHAS = {"layers.0.self_attn.v_proj": 5, "(gate|up)_proj": 30}
CASES = {
    "plain": dict(r=4, lora_alpha=8, target_modules=MATRICES),
    "targets": dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"]),
    "patterns": dict(r=4, lora_alpha=8, target_modules=MATRICES, rank_pattern=RANKS, alpha_pattern=ALPHAS),
    "stabilized": dict(r=4, lora_alpha=8, target_modules=MATRICES, rank_pattern=RANKS, alpha_pattern=ALPHAS, use_rslora=True),
    "dora": dict(r=4, lora_alpha=8, target_modules=MATRICES, use_dora=True),
    "saved": dict(r=4, lora_alpha=8, target_modules=MATRICES, modules_to_save=["embed_tokens", "lm_head"]),
    "norms": dict(r=4, lora_alpha=8, target_modules=MATRICES, modules_to_save=["embed_tokens", "norm"]),
    "tokens": dict(r=4, lora_alpha=8, target_modules=MATRICES, trainable_token_indices={"embed_tokens": [5, 3, 31999], "lm_head": [7]}),
    "finalNorm": dict(r=4, lora_alpha=8, target_modules=MATRICES, modules_to_save=["model.norm"]),
    "layerNorms": dict(r=4, lora_alpha=8, target_modules=MATRICES, modules_to_save=["input_layernorm", "post_attention_layernorm"]),
}


def linear(rows, columns):
    return nn.Linear(columns, rows, bias=False)


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.config = SimpleNamespace(model_type="llama", tie_word_embeddings=False, to_dict=lambda: {"model_type": "llama"}, get=lambda name, default=None: default)
        self.model, self.lm_head = nn.Module(), linear(VOCABULARY, WIDTH)
        self.model.embed_tokens, self.model.layers = nn.Embedding(VOCABULARY, WIDTH), nn.ModuleList()
        self.model.norm = Norm()
        for _ in range(LAYERS):
            layer = nn.Module()
            layer.self_attn, layer.mlp, layer.input_layernorm, layer.post_attention_layernorm = nn.Module(), nn.Module(), Norm(), Norm()
            layer.self_attn.q_proj, layer.self_attn.o_proj = linear(WIDTH, WIDTH), linear(WIDTH, WIDTH)
            layer.self_attn.k_proj, layer.self_attn.v_proj = linear(KEY_VALUE_WIDTH, WIDTH), linear(KEY_VALUE_WIDTH, WIDTH)
            layer.mlp.gate_proj, layer.mlp.up_proj, layer.mlp.down_proj = linear(FEED_FORWARD, WIDTH), linear(FEED_FORWARD, WIDTH), linear(WIDTH, FEED_FORWARD)
            self.model.layers.append(layer)

    def get_input_embeddings(self):
        return self.model.embed_tokens

    def get_output_embeddings(self):
        return self.lm_head

    def prepare_inputs_for_generation(self):
        pass


def describe(settings):
    model = get_peft_model(Llama(), LoraConfig(task_type="CAUSAL_LM", **settings))
    tensors = {name: list(value.shape) for name, value in sorted(get_peft_model_state_dict(model, save_embedding_layers=False).items())}
    scales = {name.removeprefix("base_model.model."): round(module.scaling["default"], 6) for name, module in model.named_modules() if getattr(module, "scaling", None)}
    return {"tensors": tensors, "scales": scales}


if __name__ == "__main__":
    cases = {name: describe(settings) for name, settings in CASES.items()}
    print(json.dumps({"configuration": sorted(LoraConfig.__dataclass_fields__), "cases": cases}, separators=(",", ":")))
