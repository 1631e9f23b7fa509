using static TrainStoryteller.Corpus.Words;

namespace TrainStoryteller.Corpus;

/// <summary>The sentences of which stories consist.</summary>
internal static class StoryTemplates
{
    /// <summary>First sentences.</summary>
    public static string[] Openings(Character hero) =>
    [
        $"Once upon a time, there was {WithArticle(hero.Kind)} named {hero.Name}.",
        $"Once there was {WithArticle(hero.Kind)} called {hero.Name}.",
        $"One day, {WithArticle(hero.Kind)} named {hero.Name} woke up early.",
    ];

    /// <summary>Second sentences.</summary>
    /// <param name="hero">The hero.</param>
    /// <param name="place">Such as "park".</param>
    /// <param name="at">Such as "in the park".</param>
    /// <param name="food">Such as "soup".</param>
    public static string[] Habits(Character hero, string place, string at, string food) =>
    [
        $"{hero.Name} lived near the {place}.",
        $"{hero.Name} loved to play {at}.",
        $"{Capitalize(hero.She)} liked to eat {food}.",
        $"Every morning {hero.She} went for a walk {at}.",
    ];

    /// <summary>Third sentences.</summary>
    public static string[] Arrivals(Character hero, string place, string weather) =>
    [
        $"One morning {weather} and {hero.Name} went to the {place}.",
        $"That day {weather}, so {hero.She} ran to the {place}.",
        $"{Capitalize(weather)} when {hero.Name} came to the {place}.",
    ];

    /// <summary>The events that may follow.</summary>
    public static string[][] Plots(Character hero, Character friend, string thing, string color, string food) =>
    [
        [
            $"There {hero.She} saw {WithArticle(color)} {thing}.",
            $"\"What a pretty {thing}!\" said {hero.Name}.",
            $"But the {thing} belonged to {friend.Name}, {WithArticle(friend.Kind)}.",
            $"{hero.Name} gave the {thing} back to {friend.Name}.",
            $"\"Thank you,\" said {friend.Name}. \"We can share it.\"",
            $"They played with the {color} {thing} all day.",
        ],
        [
            $"{Capitalize(hero.She)} lost {hero.HerOwn} {color} {thing} and felt sad.",
            $"{friend.Name}, {WithArticle(friend.Kind)}, saw that {hero.Name} was crying.",
            $"\"Do not cry,\" said {friend.Name}. \"I will help you.\"",
            "They looked under a tree and behind a rock.",
            $"At last {friend.Name} found the {thing} in the grass.",
            $"{hero.Name} was so happy that {hero.She} hugged {friend.Name}.",
        ],
        [
            $"{Capitalize(hero.She)} met {friend.Name}, {WithArticle(friend.Kind)}, who was hungry.",
            $"\"I have some {food},\" said {hero.Name}. \"Please eat with me.\"",
            $"{friend.Name} smiled and sat down.",
            "They ate together and told funny stories.",
            $"From that day on, {hero.Name} and {friend.Name} were best friends.",
        ],
        [
            $"{Capitalize(hero.She)} heard a strange sound.",
            $"\"Who is there?\" asked {hero.Name}.",
            $"It was {friend.Name}, {WithArticle(friend.Kind)}, stuck in a hole.",
            $"{hero.Name} took a long rope and pulled {friend.Her} out.",
            $"\"You are very brave,\" said {friend.Name}.",
            $"{hero.Name} felt proud.",
        ],
        [
            $"{Capitalize(hero.She)} wanted to make {WithArticle(color)} {thing}.",
            $"It was hard, but {hero.She} tried again and again.",
            $"{friend.Name}, {WithArticle(friend.Kind)}, came to help {hero.Her}.",
            $"Together they made the best {thing} of all.",
            "They learned that it is good to work together.",
        ],
        [
            $"{Capitalize(hero.She)} told {friend.Name}, {WithArticle(friend.Kind)}, that {hero.She} could not swim.",
            $"\"I can teach you,\" said {friend.Name}.",
            $"{hero.Name} was afraid at first, but {friend.Name} was kind.",
            $"Soon {hero.Name} could swim very well.",
            $"\"I did it!\" {hero.She} shouted.",
        ],
        [
            $"{Capitalize(hero.She)} broke the {color} {thing} of {friend.Name}, {WithArticle(friend.Kind)}.",
            $"{hero.Name} was sorry and told the truth.",
            $"\"I am sorry, {friend.Name},\" {hero.She} said. \"I will fix it.\"",
            $"{friend.Name} was not angry. \"Thank you for telling me,\" {friend.She} said.",
            $"They fixed the {thing} and went home.",
        ],
    ];

    /// <summary>Last sentences.</summary>
    public static string[] Endings(Character hero) =>
        ["The end.", $"That night {hero.Name} slept well.", $"And {hero.Name} smiled all the way home.", "They were happy ever after."];
}
