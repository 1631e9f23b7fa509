namespace TrainStoryteller.Corpus;

/// <summary>The facts that are true in the stories and in the answers to questions.</summary>
internal static class Facts
{
    public static readonly (string Thing, string Color)[] Colors =
    [
        ("sky", "blue"), ("grass", "green"), ("snow", "white"), ("sun", "yellow"), ("night", "dark"), ("lemon", "yellow"), ("tomato", "red"),
        ("carrot", "orange"), ("milk", "white"), ("leaf", "green"),
    ];

    public static readonly (string Animal, string Sound)[] Sounds =
    [
        ("cat", "meow"), ("dog", "woof"), ("duck", "quack"), ("cow", "moo"), ("owl", "hoot"), ("frog", "ribbit"), ("lamb", "baa"), ("bird", "tweet"),
        ("mouse", "squeak"), ("pony", "neigh"),
    ];

    public static readonly (string Animal, string Home)[] Homes =
    [
        ("bird", "a nest"), ("bear", "a cave"), ("dog", "a kennel"), ("fox", "a den"), ("rabbit", "a burrow"), ("duck", "a pond"), ("bee", "a hive"),
        ("horse", "a stable"), ("spider", "a web"), ("fish", "the sea"),
    ];
}
