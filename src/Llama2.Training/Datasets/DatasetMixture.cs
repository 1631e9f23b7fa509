using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>Puts data sets together, each with a weight.</summary>
internal static class DatasetMixture
{
    public static TrainingDataset Create(IReadOnlyList<(TrainingDataset Data, double Weight)> parts, ulong seed)
    {
        if (parts.Count == 0)
        {
            throw new ArgumentException("There are no data sets to mix.", nameof(parts));
        }

        foreach ((TrainingDataset data, double weight) in parts)
        {
            ArgumentNullException.ThrowIfNull(data, nameof(parts));
            if (weight is not (> 0 and <= TrainingDataset.MaxWeight))
            {
                throw new ArgumentOutOfRangeException(nameof(parts), weight, $"A weight must be above 0 and at most {TrainingDataset.MaxWeight}.");
            }

            if (data.Pairs.Count > 0 != parts[0].Data.Pairs.Count > 0 || data.IsRated != parts[0].Data.IsRated)
            {
                throw new ArgumentException("Some of the data sets have samples and others have pairs of preferences or rated samples, which cannot be learned together.", nameof(parts));
            }
        }

        List<TrainingSample> samples = [];
        List<PreferencePair> pairs = [];
        for (int i = 0; i < parts.Count; i++)
        {
            foreach (int index in Choose(parts[i].Data.Count, parts[i].Weight, seed + (ulong)i))
            {
                if (parts[i].Data.Pairs.Count > 0)
                    pairs.Add(parts[i].Data.Pairs[index]);
                else
                    samples.Add(parts[i].Data.Samples[index]);
            }
        }

        return new TrainingDataset(samples, pairs, Report(parts, samples, pairs));
    }

    // The indices of the samples that a weight uses: all of them as often as the weight's whole part, then a random choice for its fraction.
    private static IEnumerable<int> Choose(int count, double weight, ulong seed)
    {
        int copies = (int)Math.Floor(weight), rest = (int)Math.Round((weight - copies) * count);
        for (int copy = 0; copy < copies; copy++)
        {
            for (int i = 0; i < count; i++)
                yield return i;
        }

        int[] order = ShuffledOrder.Create(count, seed);
        Array.Sort(order, 0, rest);
        foreach (int index in order.AsSpan(0, copies == 0 ? Math.Min(count, Math.Max(1, rest)) : rest).ToArray())
            yield return index;
    }

    private static DatasetReport? Report(IReadOnlyList<(TrainingDataset Data, double Weight)> parts, List<TrainingSample> samples, List<PreferencePair> pairs)
    {
        DatasetReport[] reports = [.. parts.Select(part => part.Data.Report!)];
        if (reports.Contains(null))
        {
            return null;
        }

        if (parts is [{ Weight: 1 }])
        {
            return reports[0];
        }

        TrainingSample[] all = [.. samples, .. pairs.SelectMany(pair => (TrainingSample[])[pair.Chosen, pair.Rejected])];
        string fingerprints = string.Concat(parts.Zip(reports, (part, report) => Invariant($"{report.Fingerprint} {part.Weight.ToString("R", CultureInfo.InvariantCulture)}\n")));
        return new DatasetReport(
            reports[0].Format, reports.Sum(report => report.RecordCount), reports.Sum(report => report.InvalidCount), reports.Sum(report => report.TooLongCount),
            [.. reports.SelectMany(report => report.Skipped).Take(DatasetReportBuilder.MaxSkippedCount)],
            all.Sum(sample => (long)sample.Tokens.Length), all.Sum(sample => (long)sample.LossMask.Span[1..].Count(true)),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprints))))
        {
            Unused = [.. reports.SelectMany(report => report.Unused).GroupBy(unused => unused.Name, (name, all) => new UnusedContent(name, all.Sum(unused => unused.RecordCount)))],
        };
    }
}
