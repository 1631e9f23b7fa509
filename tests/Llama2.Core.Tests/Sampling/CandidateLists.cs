using CsCheck;

namespace Llama2.Tests.Sampling;

/// <summary>Creates and reads candidates, for the tests of logit processors and samplers.</summary>
internal static class CandidateLists
{
    /// <summary>1 to 200 logits. Half of the lists contain only a few different values, so that many are equal.</summary>
    public static Gen<float[]> Logits { get; } = Gen.OneOf(
        Gen.Float[-20, 20].Array[1, 200],
        Gen.Int[-3, 3].Select(value => (float)value).Array[1, 200]);

    public static TokenCandidates Of(params float[] logits)
    {
        var candidates = new TokenCandidates(logits.Length);
        candidates.Load(logits);
        return candidates;
    }

    public static int[] Ids(this TokenCandidates candidates) => [.. Enumerable.Range(0, candidates.Count).Select(candidates.TokenAt)];

    public static float[] Filter(this ILogitProcessor processor, float[] logits, params int[] history)
    {
        TokenCandidates candidates = Of(logits);
        processor.Process(candidates, history);
        return candidates.Logits.ToArray();
    }

    public static int[] Kept(this ILogitProcessor processor, params float[] logits)
    {
        TokenCandidates candidates = Of(logits);
        processor.Process(candidates, []);
        return candidates.Ids();
    }

    /// <summary>All token ids, higher logits first; among equal logits, lower ids first.</summary>
    public static int[] Ordered(float[] logits) => [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id)];

    public static double[] Softmax(float[] logits)
    {
        double highest = logits.Max();
        double sum = logits.Sum(logit => Math.Exp(logit - highest));
        return [.. logits.Select(logit => Math.Exp(logit - highest) / sum)];
    }

    /// <summary>Logits whose softmax gives these probabilities.</summary>
    public static float[] LogitsOf(params double[] probabilities) => [.. probabilities.Select(probability => (float)Math.Log(probability))];
}
