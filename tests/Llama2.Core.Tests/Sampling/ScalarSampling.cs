using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

/// <summary>The reference implementation of the whole chain, as simple as possible: lists, double precision, a full sort at each step.</summary>
internal static class ScalarSampling
{
    public static int Sample(
        GenerationOptions options, RandomSource random, float[] logits, int[] history, int[][] breakers, ref double mirostatLimit)
    {
        int[] recent = [.. history.TakeLast(options.PenaltyWindow)];
        List<(int Id, double Logit)> candidates = [.. logits
            .Select((logit, id) => (id, Penalize(options, logit + (double)options.LogitBias.GetValueOrDefault(id), recent.Count(token => token == id))
                - DryPenalty(options, history, breakers, id)))
            .Where(candidate => !double.IsNegativeInfinity(candidate.Item2))
            .OrderByDescending(candidate => candidate.Item2).ThenBy(candidate => candidate.id)];
        if (options.Temperature == 0)
            return candidates[0].Id;

        if (options.MirostatTau == 0)
            candidates = Filter(options, random, candidates);

        // Only top-k and top-p sort the candidates; otherwise a token is drawn in order of ids, which saves sorting the whole vocabulary.
        if (((options.TopK == 0 || options.TopK >= logits.Length) && options.TopP == 1) || options.MirostatTau > 0)
            candidates = [.. candidates.OrderBy(candidate => candidate.Id)];
        double temperature = Temperature(options, candidates);
        candidates = [.. candidates.Select(candidate => (candidate.Id, candidate.Logit / temperature))];
        if (options.MirostatTau > 0)
        {
            double[] p = Softmax(candidates);
            double limit = mirostatLimit;
            candidates = [.. candidates.Where((_, i) => -Math.Log2(p[i]) <= limit || p[i] == p.Max())];
        }

        double[] left = Softmax(candidates);
        int drawn = Math.Min(Reach(left, random.NextDouble(), strictly: true), candidates.Count) - 1;
        mirostatLimit -= options.MirostatEta * (-Math.Log2(left[drawn]) - options.MirostatTau);
        return candidates[drawn].Id;
    }

    /// <summary>
    /// The DRY penalty that is subtracted from a token's logit, computed by comparing every position in the window with the end of the text.
    /// </summary>
    public static double DryPenalty(GenerationOptions options, int[] history, int[][] breakers, int token)
    {
        if (options.DryMultiplier == 0)
            return 0;
        int[] recent = [.. history.TakeLast(options.DryWindow ?? int.MaxValue)];
        int limit = Enumerable.Range(0, recent.Length + 1)
            .First(count => count == recent.Length || breakers.Any(breaker => recent.SkipLast(count).TakeLast(breaker.Length).SequenceEqual(breaker)));
        int longest = 0;
        for (int end = 1; end < recent.Length; end++)
        {
            int length = 0;
            while (length < Math.Min(limit, end) && recent[end - 1 - length] == recent[^(length + 1)])
                length++;
            if (recent[end] == token)
                longest = Math.Max(longest, length);
        }

        return longest < options.DryAllowedLength || breakers.Any(breaker => breaker.AsSpan().SequenceEqual([token]))
            ? 0
            : options.DryMultiplier * Math.Pow(options.DryBase, longest - options.DryAllowedLength);
    }

    private static List<(int Id, double Logit)> Filter(GenerationOptions options, RandomSource random, List<(int Id, double Logit)> candidates)
    {
        if (options.TopK > 0)
            candidates = [.. candidates.Take(options.TopK)];
        if (options.TypicalP < 1)
        {
            double[] p = Softmax(candidates);
            double entropy = p.Sum(x => x > 0 ? -x * Math.Log(x) : 0);
            int[] nearest = [.. Enumerable.Range(0, p.Length).OrderBy(i => Math.Abs(-Math.Log(p[i]) - entropy))];
            int count = Reach(nearest.Select(i => p[i]), options.TypicalP);
            candidates = [.. nearest.Take(count).Order().Select(i => candidates[i])];
        }

        if (options.TopP < 1)
            candidates = [.. candidates.Take(Reach(Softmax(candidates), options.TopP))];
        if (options.MinP > 0)
            candidates = [.. candidates.Where(candidate => Math.Exp(candidate.Logit - candidates[0].Logit) >= options.MinP)];
        if (options is { XtcProbability: > 0, XtcThreshold: <= 0.5f } && random.NextDouble() < options.XtcProbability)
            candidates = [.. candidates.Skip(Softmax(candidates).Count(p => p >= options.XtcThreshold) - 1)];
        return candidates;
    }

    private static double Temperature(GenerationOptions options, List<(int Id, double Logit)> candidates)
    {
        if (options.DynamicTemperatureRange == 0 || candidates.Count == 1)
            return options.Temperature;
        double share = -Softmax(candidates).Sum(p => p > 0 ? p * Math.Log(p) : 0) / Math.Log(candidates.Count);
        double lowest = Math.Max(0, options.Temperature - options.DynamicTemperatureRange);
        double highest = options.Temperature + options.DynamicTemperatureRange;
        return Math.Max(1e-38, lowest + (highest - lowest) * Math.Pow(Math.Clamp(share, 0, 1), options.DynamicTemperatureExponent));
    }

    private static double Penalize(GenerationOptions options, double logit, int count) => count == 0
        ? logit
        : (logit > 0 ? logit / options.RepetitionPenalty : logit * options.RepetitionPenalty)
            - count * options.FrequencyPenalty - options.PresencePenalty;

    private static double[] Softmax(List<(int Id, double Logit)> candidates)
    {
        double highest = candidates.Max(candidate => candidate.Logit);
        double sum = candidates.Sum(candidate => Math.Exp(candidate.Logit - highest));
        return [.. candidates.Select(candidate => Math.Exp(candidate.Logit - highest) / sum)];
    }

    // The number of probabilities that are needed to reach a sum.
    private static int Reach(IEnumerable<double> probabilities, double wanted, bool strictly = false)
    {
        double reached = 0;
        int count = 0;
        foreach (double probability in probabilities)
        {
            reached += probability;
            count++;
            if (strictly ? reached > wanted : reached >= wanted)
                break;
        }

        return count;
    }
}
