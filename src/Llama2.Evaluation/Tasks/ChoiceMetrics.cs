using System.Text;

namespace Llama2.Evaluation.Tasks;

/// <summary>The metrics of multiple-choice tasks, by the definitions of lm-evaluation-harness (<c>ConfigurableTask.process_results</c>).</summary>
internal static class ChoiceMetrics
{
    /// <summary>The name of the metric that needs the log-likelihoods of the choices without the context.</summary>
    public const string MutualInformation = "acc_mutual_info";

    /// <summary>Whether the likeliest choice is right.</summary>
    public static MetricSample? Accuracy(DocumentOutcome outcome) => IsCorrect(outcome, ArgMax(outcome.LogLikelihoods));

    /// <summary>Whether the choice with the greatest log-likelihood per character is right.</summary>
    public static MetricSample? NormalizedAccuracy(DocumentOutcome outcome) => IsCorrect(outcome, ArgMax(Quotients(outcome.LogLikelihoods, outcome.ChoiceLengths)));

    /// <summary>Whether the choice with the greatest log-likelihood per byte of UTF-8 is right.</summary>
    public static MetricSample? ByteNormalizedAccuracy(DocumentOutcome outcome)
        => IsCorrect(outcome, ArgMax(Quotients(outcome.LogLikelihoods, [.. outcome.Choices.Select(choice => (double)Encoding.UTF8.GetByteCount(choice))])));

    /// <summary>Whether the choice whose log-likelihood the context raises most is right. The responses without the context follow the others.</summary>
    public static MetricSample? MutualInformationAccuracy(DocumentOutcome outcome)
    {
        double[] gains = outcome.LogLikelihoods.ToArray();
        for (int i = 0; i < gains.Length; i++)
            gains[i] -= outcome.Responses[gains.Length + i].LogLikelihood;
        return IsCorrect(outcome, ArgMax(gains));
    }

    /// <summary>Whether greedy decoding generates the right choice.</summary>
    public static MetricSample? ExactMatch(DocumentOutcome outcome)
        => new(outcome.CorrectIndices.Any(index => index != DocumentOutcome.NoChoice && outcome.Responses[FromEnd(outcome, index)].IsGreedy) ? 1 : 0);

    /// <summary>The right class and the predicted one, for F1 and Matthews' correlation.</summary>
    public static MetricSample? Classes(DocumentOutcome outcome) => new(outcome.CorrectIndices[0], ArgMax(outcome.LogLikelihoods));

    /// <summary>
    /// The squared distance of the choices' probabilities from the right answer's (Brier 1950), where the probabilities are normalized over the choices.
    /// </summary>
    public static MetricSample? BrierScore(DocumentOutcome outcome)
    {
        double[] probabilities = Softmax(outcome.LogLikelihoods);
        int correct = FromEnd(outcome, outcome.CorrectIndices[0]);
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            double difference = probabilities[i] - (i == correct ? 1 : 0);
            sum += difference * difference;
        }

        return new MetricSample(sum);
    }

    /// <summary>The index of the greatest value; the first one of several.</summary>
    public static int ArgMax(ReadOnlySpan<double> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
    }

    /// <summary>Probabilities that are proportional to e to the power of the values, and add up to 1.</summary>
    public static double[] Softmax(ReadOnlySpan<double> values)
    {
        double greatest = values[ArgMax(values)], sum = 0;
        double[] probabilities = values.ToArray();
        for (int i = 0; i < probabilities.Length; i++)
            sum += probabilities[i] = Math.Exp(probabilities[i] - greatest);
        for (int i = 0; i < probabilities.Length; i++)
            probabilities[i] /= sum;
        return probabilities;
    }

    private static MetricSample? IsCorrect(DocumentOutcome outcome, int predicted)
        => new(outcome.CorrectIndices.Contains(predicted) ? 1 : 0);

    // As in Python, an index of -1 is the last choice where the harness uses the index, but not where it compares the index.
    private static int FromEnd(DocumentOutcome outcome, int index) => index is < 0 and not DocumentOutcome.NoChoice ? index + outcome.Choices.Count : index;

    private static double[] Quotients(ReadOnlySpan<double> values, ReadOnlySpan<double> divisors)
    {
        double[] quotients = values.ToArray();
        for (int i = 0; i < quotients.Length; i++)
            quotients[i] /= divisors[i];
        return quotients;
    }
}
