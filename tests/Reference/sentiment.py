"""Scores texts with vaderSentiment, from which tests/data/sentiment.jsonl comes. The texts are below; vaderSentiment's folder is the argument:

    git clone https://github.com/cjhutto/vaderSentiment && python3 tests/Reference/sentiment.py vaderSentiment > tests/data/sentiment.jsonl

The file was made with vaderSentiment's commit 44fc044cd877310ee8278a0eadf34bcd50d41d06.
"""

import itertools
import json
import random
import sys

sys.path.insert(0, sys.argv[1])
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer  # noqa: E402

TEXTS = [
    "", " ", "The train leaves at nine.", "The soup was good.", "The soup was GOOD.", "THE SOUP WAS GOOD.", "The soup was good!", "The soup was good!!!!!!",
    "The soup was not good.", "The soup wasn't good", "The soup was never so good", "without doubt a good soup", "without a doubt a good soup", "no good soup",
    "No, good soup", "there is no happy or sad person", "She is the least friendly person", "at least friendly people came", "the very least happy",
    "The room was nice, but the food was horrible.", "The food was horrible, but the room was nice, but cold, and the staff were nice.",
    "It is kind of good", "It is sort of a good thing", "a kind person", "kind of you", "just enough good luck", "He is bad ass", "this cake is to die for",
    "yeah right, great", "my broken heart", "a beating heart again", "the kiss of death for us", "What is this??", "Who loves it???", "Why, why, why, why????",
    "Good??? Bad!!!", ":) nice :(", "I :D love <3 it", "lol", "SO sad", "so SAD", "VERY very happy", "That is hardly a great success",
    "She was an actress who won many awards and was admired for her courage.", "He was accused of murder and died in prison, alone and in pain.",
    "As an engineer she designed bridges which are in use today.", "The war destroyed the city; thousands of people were killed.",
    "They are known for their kindness, honesty and love of peace.", "never this good", "never so happily married", "it isn't so bad", "nobody is so very happy",
    "caf\u00e9 \u00c9T\u00c9 good", "good\tgood\ngood", "don\u2019t be sad", "'good' (great) \"fine\"", "good,bad", "I'm not unhappy.", "rarely happy, seldom sad, despite love",
]


def random_texts():
    """Texts of words that the rules treat specially, in random order, so that every pair of rules meets."""
    generator = random.Random(1)
    words = sorted(BOOSTER_DICT) + NEGATE + [word for phrase in SPECIAL_CASES for word in phrase.split()]
    words += ["good", "bad", "GREAT", "terrible", "happy", "sad", "love", "HATE", "but", "But", "no", "so", "this", "never", "without", "doubt", "least", "at", "very", "kind", "of"] * 4
    words += ["the", "man", "woman", "said", "and", "or", "nor", "was", "cake!", "why?", ":)", ":(", "SHE"] * 4
    for _ in range(400):
        yield " ".join(generator.choice(words) for _ in range(generator.randint(1, 14)))


analyzer = SentimentIntensityAnalyzer()
for text in itertools.chain(TEXTS, random_texts()):
    scores = analyzer.polarity_scores(text)
    print(json.dumps({"text": text, "compound": scores["compound"], "positive": scores["pos"], "neutral": scores["neu"], "negative": scores["neg"]}))
