namespace Llama2.Evaluation.Scoring;

/// <summary>Statistics of the contributions of examples, by the definitions of lm-evaluation-harness (<c>lm_eval/api/metrics.py</c>).</summary>
internal static class Statistic
{
    public static double Mean(IReadOnlyList<MetricSample> samples) => Sum(samples) / samples.Count;

    /// <summary>The mean of the values that are numbers; NaN if there is none.</summary>
    public static double MeanOfNumbers(IReadOnlyList<MetricSample> samples) => Mean([.. samples.Where(sample => !double.IsNaN(sample.Value))]);

    public static double Sum(IReadOnlyList<MetricSample> samples)
    {
        double sum = 0;
        foreach (MetricSample sample in samples)
            sum += sample.Value;
        return sum;
    }

    /// <summary>The sample standard deviation of two or more values, from their mean.</summary>
    public static double Deviation(IReadOnlyList<MetricSample> samples, double mean)
    {
        double squares = 0;
        foreach (MetricSample sample in samples)
            squares += (sample.Value - mean) * (sample.Value - mean);
        return Math.Sqrt(squares / (samples.Count - 1));
    }

    public static double Median(IReadOnlyList<MetricSample> samples)
    {
        double[] values = [.. samples.Select(sample => sample.Value)];
        Array.Sort(values);
        // The harness takes the upper of the two middle values.
        return values[values.Length / 2];
    }

    public static double Perplexity(IReadOnlyList<MetricSample> samples) => Math.Exp(-Mean(samples));

    public static double WeightedPerplexity(IReadOnlyList<MetricSample> samples) => Math.Exp(-Sum(samples) / SumOfWeights(samples));

    public static double BitsPerByte(IReadOnlyList<MetricSample> samples) => -Sum(samples) / SumOfWeights(samples) / Math.Log(2);

    /// <summary>The harmonic mean of precision and recall of class 1; 0 if there is no true positive.</summary>
    public static double F1(IReadOnlyList<MetricSample> samples)
    {
        (double truePositives, double falsePositives, double falseNegatives) = Confusion(samples);
        return truePositives == 0 ? 0 : 2 * truePositives / ((2 * truePositives) + falsePositives + falseNegatives);
    }

    /// <summary>Matthews' correlation coefficient for any number of classes (Gorodkin 2004); 0 if only one class occurs.</summary>
    public static double MatthewsCorrelation(IReadOnlyList<MetricSample> samples)
    {
        var gold = new Dictionary<double, double>();
        var predicted = new Dictionary<double, double>();
        double correct = 0, count = samples.Count;
        foreach ((double value, double prediction) in samples)
        {
            gold[value] = gold.GetValueOrDefault(value) + 1;
            predicted[prediction] = predicted.GetValueOrDefault(prediction) + 1;
            correct += value == prediction ? 1 : 0;
        }

        double covariance = (correct * count) - gold.Sum(pair => pair.Value * predicted.GetValueOrDefault(pair.Key));
        double spread = ((count * count) - predicted.Values.Sum(n => n * n)) * ((count * count) - gold.Values.Sum(n => n * n));
        return spread == 0 ? 0 : covariance / Math.Sqrt(spread);
    }

    private static double SumOfWeights(IReadOnlyList<MetricSample> samples)
    {
        double sum = 0;
        foreach (MetricSample sample in samples)
            sum += sample.Weight;
        return sum;
    }

    private static (double TruePositives, double FalsePositives, double FalseNegatives) Confusion(IReadOnlyList<MetricSample> samples)
    {
        double truePositives = 0, falsePositives = 0, falseNegatives = 0;
        foreach ((double gold, double predicted) in samples)
        {
            truePositives += gold == 1 && predicted == 1 ? 1 : 0;
            falsePositives += gold != 1 && predicted == 1 ? 1 : 0;
            falseNegatives += gold == 1 && predicted != 1 ? 1 : 0;
        }

        return (truePositives, falsePositives, falseNegatives);
    }
}
