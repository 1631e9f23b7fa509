namespace TrainStoryteller.Corpus;

/// <summary>One of several, each as likely as the others.</summary>
internal static class RandomChoice
{
    public static T Pick<T>(this Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];
}
