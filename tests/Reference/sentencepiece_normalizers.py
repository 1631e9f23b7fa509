"""Trains small SentencePiece models whose normalizers change text, and encodes texts with them. Needs the package sentencepiece.

Usage: sentencepiece_normalizers.py OUTPUT_FOLDER [RULE TEXT_COUNT]     (the output is in tests/data/tokenizers)

spaces.model removes superfluous spaces, as OpenLLaMA's first model does; rules.model also has rules of its own. If the name of one of SentencePiece's
own rules, such as nmt_nfkc, is given, only the model with that rule (RULE.model) is written, with TEXT_COUNT random texts, for a longer comparison.
"""
import json
import os
import random
import sys

import sentencepiece as spm

# Each rule replaces the first text by the second. Among them are rules that replace several characters, delete a character, give a longer text, give a
# space, or give a text that ends with a space.
RULES = [("\uff21", "A"), ("\ufb01", "fi"), ("e\u0301", "\u00e9"), ("\u200b", ""), ("\u00a0", " "), ("\t", " "), ("\u2026", "..."), ("\u00a8", " \u0308"), ("\u3000", " "),
         ("\U0001d400", "A"), ("--", "\u2014"), ("\u33a2", "km ")]
WORDS = ["the", "fox", "and", "a", "cat", "ran", "fine", "caf\u00e9", "A", "km", "...", "\u2014", "\u4f60\u597d", "x1"]
PIECES = ["the", " ", "  ", "   ", "\u00a0", "\t", "\u3000", "\uff21", "\ufb01", "e\u0301", "e", "\u0301", "\u200b", "\u2026", "\u00a8", "\u2581", "\u2581\u2581", "cat", "a", "--", "-", "\U0001d400", "\U0001f600",
          "\u4f60", "\n", "\r\n", "\u33a2", "km", "<tag>", "<ta", "\uff21<tag>", "\u00bd", "\ufb03", "\u0000", "\u00ad", "\uac00", "\u1112\u1161\u11ab"]


def train(folder, name, **options):
    words = random.Random(1)
    sentences = [" ".join(words.choice(WORDS) for _ in range(12)) for _ in range(400)]
    prefix = os.path.join(folder, name)
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_prefix=prefix, model_type="bpe", vocab_size=320, byte_fallback=True, character_coverage=1.0,
        user_defined_symbols=["<tag>"], minloglevel=2, **options)
    os.remove(prefix + ".vocab")
    return spm.SentencePieceProcessor(model_file=prefix + ".model")


def texts(count, seed):
    choice = random.Random(seed)
    yield from ["", " ", "   ", "a", " a", "a ", "  a  ", "the  fox", "\u2581a\u2581", "\u00a0a\u00a0\u00a0b\u00a0", "e\u0301e\u0301", "<tag> <tag>", " <tag>  ", "\u200b", "\u200b a", "\u00a8", "a \u00a8", "\u33a2 a"]
    for _ in range(count):
        yield "".join(choice.choice(PIECES) for _ in range(choice.randrange(12)))


def write(folder, name, model, count):
    with open(os.path.join(folder, name + ".jsonl"), "w", encoding="utf-8") as file:
        for text in texts(count, 2):
            ids = model.encode(text)
            file.write(json.dumps(dict(text=text, ids=ids, decoded=model.decode(ids)), ensure_ascii=True) + "\n")


def main(folder, rule=None, count=150):
    os.makedirs(folder, exist_ok=True)
    if rule is not None:
        write(folder, rule, train(folder, rule, normalization_rule_name=rule), int(count))
        return

    rules = os.path.join(folder, "rules.tsv")
    with open(rules, "w", encoding="utf-8") as file:
        for source, target in RULES:
            file.write(" ".join("%X" % ord(c) for c in source) + "\t" + " ".join("%X" % ord(c) for c in target) + "\n")
    write(folder, "spaces", train(folder, "spaces", normalization_rule_name="identity", remove_extra_whitespaces=True), int(count))
    write(folder, "rules", train(folder, "rules", normalization_rule_tsv=rules), int(count))
    write(folder, "rules-kept-spaces", train(folder, "rules-kept-spaces", normalization_rule_tsv=rules, remove_extra_whitespaces=False, add_dummy_prefix=False), int(count))
    os.remove(rules)


if __name__ == "__main__":
    main(*sys.argv[1:])
