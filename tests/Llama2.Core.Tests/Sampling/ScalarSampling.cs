using Llama2.Sampling;

namespace Llama2.Tests.Sampling;

/// <summary>The whole chain again, plainly: lists, double precision, a full sort at each step.</summary>
internal static class ScalarSampling
{
    public static int Sample(GenerationOptions options, RandomSource random, float[] logits, int[] history)
    {
        int[] recent = [.. history.TakeLast(options.PenaltyWindow)];
        List<(int Id, double Logit)> candidates = [.. logits
            .Select((logit, id) => (id, Penalize(options, logit + (double)options.LogitBias.GetValueOrDefault(id), recent.Count(token => token == id))))
            .Where(candidate => !double.IsNegativeInfinity(candidate.Item2))
            .OrderByDescending(candidate => candidate.Item2).ThenBy(candidate => candidate.id)];
        if (options.Temperature == 0)
            return candidates[0].Id;

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

        // Only top-k and top-p put the candidates in order; else they are drawn from by id, which spares a sort of the whole vocabulary.
        if ((options.TopK == 0 || options.TopK >= logits.Length) && options.TopP == 1)
            candidates = [.. candidates.OrderBy(candidate => candidate.Id)];
        candidates = [.. candidates.Select(candidate => (candidate.Id, candidate.Logit / options.Temperature))];
        return candidates[Math.Min(Reach(Softmax(candidates), random.NextDouble(), strictly: true), candidates.Count) - 1].Id;
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

    // How many of the probabilities it takes to reach a sum.
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
