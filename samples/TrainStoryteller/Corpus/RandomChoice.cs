namespace TrainStoryteller.Corpus;

/// <summary>Chooses one of several items with equal probability.</summary>
internal static class RandomChoice
{
    public static T Pick<T>(this Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];
}
