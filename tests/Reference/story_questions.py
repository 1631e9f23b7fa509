"""Writes samples/Evaluate/stories/test.jsonl: 200 questions about the world of the demonstration model's stories, each with four choices.

The facts and sentences are those of samples/TrainStoryteller/Corpus. The right answer follows from the text (who, what, which colour) or is one of the
facts; the wrong ones are of the same kind.
"""
import json
import random
import sys

random.seed(20261130)
girls = ["Lily", "Mia", "Anna", "Rosa", "Emma", "Sara", "Zoe", "Ella", "Nora", "Ivy", "Lucy", "Maya"]
boys = ["Tom", "Ben", "Max", "Sam", "Leo", "Tim", "Jack", "Finn", "Oscar", "Hugo", "Adam", "Noah"]
animals = ["cat", "dog", "rabbit", "fox", "bear", "bird", "mouse", "frog", "duck", "pony", "lamb", "turtle", "squirrel", "hedgehog"]
natures = ["little", "big", "happy", "shy", "kind", "brave", "clever", "gentle", "silly", "quiet", "curious"]
colors = ["red", "blue", "green", "yellow", "purple", "white", "brown", "golden", "silver"]
things = ["ball", "kite", "boat", "hat", "drum", "lamp", "box", "book", "bell", "ring", "cake", "balloon", "wagon", "key", "shell"]
food = ["bread", "soup", "honey", "berries", "cheese", "carrots", "pears", "milk", "cookies", "rice"]
places = [("park", "in the park"), ("garden", "in the garden"), ("forest", "in the forest"), ("beach", "on the beach"), ("farm", "on the farm"),
          ("river", "by the river"), ("hill", "on the hill"), ("school", "at school"), ("lake", "by the lake"), ("market", "at the market")]
fact_colors = {"sky": "blue", "grass": "green", "snow": "white", "sun": "yellow", "lemon": "yellow", "tomato": "red", "carrot": "orange", "milk": "white"}
sounds = {"cat": "meow", "dog": "woof", "duck": "quack", "cow": "moo", "owl": "hoot", "frog": "ribbit", "lamb": "baa", "bird": "tweet", "mouse": "squeak", "pony": "neigh"}
homes = {"bird": "a nest", "bear": "a cave", "dog": "a kennel", "fox": "a den", "rabbit": "a burrow", "duck": "a pond", "bee": "a hive", "horse": "a stable", "spider": "a web"}


def other(right, values, count=3):
    return random.sample(sorted(set(values) - {right}), count)


def article(noun):
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def person():
    name, she, her = random.choice([(n, "she", "her") for n in girls] + [(n, "he", "his") for n in boys])
    return name, she, her, random.choice(animals), random.choice(natures)


def start():
    name, she, her, animal, nature = person()
    return name, she, her, animal, f"Once upon a time, there was {article(nature)} {animal} named {name}."


def friend_of(name):
    return random.choice([n for n in girls + boys if n != name]), random.choice(animals)


def who():
    name, she, her, animal, text = start()
    place, at = random.choice(places)
    friend, _ = friend_of(name)
    lines = [f"{text} {name} loved to play {at}. That day it was raining, so {she} ran to the {place}. {she.capitalize()} heard a strange sound. \"Who is there?\" asked",
             f"{text} {she.capitalize()} liked to eat {random.choice(food)}. One morning the sky was blue and"]
    return random.choice(lines), name, [friend] + other(name, [n for n in girls + boys if n != friend], 2)


def thing():
    name, she, her, animal, text = start()
    color, what = random.choice(colors), random.choice(things)
    return f"{text} There {she} saw {article(color)} {what}. \"What a pretty", f"{what}!\" said {name}.", [f"{o}!\" said {name}." for o in other(what, things)]


def color():
    name, she, her, animal, text = start()
    friend, kind = friend_of(name)
    tint, what = random.choice(colors), random.choice(things)
    return (f"{text} There {she} saw {article(tint)} {what}. \"What a pretty {what}!\" said {name}. But the {what} belonged to {friend}, a {kind}. {name} gave the {what} back to {friend}. "
            f"\"Thank you,\" said {friend}. \"We can share it.\" They played with the"), f"{tint} {what} all day.", [f"{o} {what} all day." for o in other(tint, colors)]


def friend():
    name, she, her, animal, text = start()
    helper, kind = friend_of(name)
    what, tint = random.choice(things), random.choice(colors)
    return (f"{text} {she.capitalize()} lost {her} {tint} {what} and felt sad. {helper}, a {kind}, saw that {name} was crying. \"Do not cry,\" said {helper}. \"I will help you.\" "
            f"They looked under a tree and behind a rock. At last"), f"{helper} found the {what} in the grass.", [f"{o} found the {what} in the grass." for o in [name] + other(helper, [n for n in girls + boys if n != name], 2)]


def place():
    name, she, her, animal, text = start()
    where, _ = random.choice(places)
    return f"{text} {name} lived near the {where}. One morning it was a warm day and {name} went to the", f"{where}.", [f"{o}." for o in other(where, [p for p, _ in places])]


def fact(values, ask, say):
    key = random.choice(sorted(values))
    return ask(key), say(key, values[key]), [say(key, o) for o in other(values[key], values.values())]


def sound():
    return fact(sounds, lambda a: f"What does the {a} say?", lambda a, s: f"The {a} says {s}.")


def home():
    return fact(homes, lambda a: f"Where does {article(a)} live?", lambda a, h: f"{article(a).capitalize()} lives in {h}.")


def hue():
    return fact(fact_colors, lambda t: f"What color is the {t}?", lambda t, c: f"The {t} is {c}.")


def total():
    left, right = random.randrange(10), random.randrange(10)
    say = lambda n: f"{left} plus {right} is {n}."
    return f"What is {left} plus {right}?", say(left + right), [say(n) for n in other(left + right, range(max(0, left + right - 4), left + right + 5))]


kinds = [("who", who), ("thing", thing), ("color", color), ("friend", friend), ("place", place), ("sound", sound), ("home", home), ("hue", hue), ("sum", total)]
seen = set()
while len(seen) < 200:
    kind, make = kinds[len(seen) % len(kinds)] if len(seen) < 180 else random.choice(kinds[:5] + kinds[8:])
    question, right, wrong = make()
    if (question, right) in seen:
        kind, make = random.choice(kinds[:5] + kinds[8:])
        question, right, wrong = make()
        if (question, right) in seen:
            continue
    seen.add((question, right))
    choices = [right] + wrong
    random.shuffle(choices)
    sys.stdout.write(json.dumps({"kind": kind, "question": question, "choices": choices, "answer": choices.index(right)}) + "\n")
