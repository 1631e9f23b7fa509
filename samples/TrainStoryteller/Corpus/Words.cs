namespace TrainStoryteller.Corpus;

/// <summary>The words from which the stories and questions are made, such as names, animals, things and places.</summary>
internal static class Words
{
    public static readonly string[] Girls = ["Lily", "Mia", "Anna", "Rosa", "Emma", "Sara", "Zoe", "Ella", "Nora", "Ivy", "Lucy", "Maya"];

    public static readonly string[] Boys = ["Tom", "Ben", "Max", "Sam", "Leo", "Tim", "Jack", "Finn", "Oscar", "Hugo", "Adam", "Noah"];

    public static readonly string[] Animals =
        ["cat", "dog", "rabbit", "fox", "bear", "bird", "mouse", "frog", "duck", "owl", "pony", "lamb", "turtle", "squirrel", "hedgehog"];

    public static readonly string[] Natures = ["little", "big", "happy", "shy", "kind", "brave", "clever", "gentle", "silly", "quiet", "curious", "old"];

    public static readonly string[] Colors = ["red", "blue", "green", "yellow", "purple", "orange", "white", "brown", "golden", "silver"];

    public static readonly string[] Things =
        ["ball", "kite", "boat", "hat", "drum", "lamp", "box", "book", "bell", "ring", "apple", "cake", "balloon", "wagon", "key", "shell"];

    public static readonly string[] Food = ["bread", "soup", "honey", "berries", "cheese", "carrots", "pears", "milk", "cookies", "rice"];

    public static readonly (string Name, string At)[] Places =
    [
        ("park", "in the park"), ("garden", "in the garden"), ("forest", "in the forest"), ("beach", "on the beach"), ("farm", "on the farm"),
        ("river", "by the river"), ("hill", "on the hill"), ("school", "at school"), ("lake", "by the lake"), ("market", "at the market"),
    ];

    public static readonly string[] Weather =
    [
        "the sun was shining", "it was raining", "the wind was blowing", "snow was falling", "the sky was blue", "it was a warm day", "it was a cold morning",
    ];

    public static readonly string[] Numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    public static string WithArticle(string noun) => (noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an " : "a ") + noun;

    public static string Capitalize(string sentence) => char.ToUpperInvariant(sentence[0]) + sentence[1..];
}
