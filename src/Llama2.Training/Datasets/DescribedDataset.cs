using Llama2.Training.Datasets.Descriptions;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>Reads a data set as a description says.</summary>
internal static class DescribedDataset
{
    // The same file and description always give the same samples.
    private const ulong Seed = 0;

    public static TrainingDataset Load(DatasetDescription description, ModelTokenizer tokenizer, DatasetOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if ((options.Format ?? description.Format) != description.Format || options.FieldNames.Count + options.RoleNames.Count > 0)
        {
            throw new TrainingDataException(
                description.Path, null, $"it describes the data, so {nameof(DatasetOptions)}.{nameof(DatasetOptions.Format)}, {nameof(DatasetOptions)}.{nameof(DatasetOptions.FieldNames)} and {nameof(DatasetOptions)}.{nameof(DatasetOptions.RoleNames)} are not used; change the description instead");
        }

        HashSet<string> missing = [.. description.Columns.Select(column => column.Value.GetString()!)];
        List<(TrainingDataset Data, double Weight)> parts = [];
        foreach (string file in description.Files)
        {
            IProgress<double>? part = progress is null ? null : new PartProgress(progress, parts.Count, description.Files.Count);
            var loader = new DatasetLoader(file, tokenizer, options with { Format = description.Format }, part, cancellationToken) { Names = description.Names(options.IgnoredFields), MissingFields = missing };
            parts.Add((loader.Load(), 1));
        }

        if (description.Columns.FirstOrDefault(column => missing.Contains(column.Value.GetString()!)) is { } column)
        {
            throw new TrainingDataException(description.Path, column.Line, $"'{column.Name}' names '{column.Value.GetString()}', which no record has; correct it, or remove the column");
        }

        TrainingDataset data = DatasetMixture.Create(parts, Seed);
        return description.SampleCount is { } count ? Choose(data, count, description) : data;
    }

    private static TrainingDataset Choose(TrainingDataset data, int count, DatasetDescription description)
    {
        if (count > data.Report!.RecordCount)
        {
            throw new TrainingDataException(
                description.Path, description.SampleCountLine, Invariant($"'num_samples' is {count:N0}, and the data have {data.Report.RecordCount:N0} records; remove it, and give the data set a weight to use its records more often"));
        }

        // A long document becomes several samples.
        double part = data.Report.Format == DatasetFormat.TextRecords ? (double)count / data.Report.RecordCount : Math.Min(1, (double)count / data.Count);
        return DatasetMixture.Create([(data, part)], Seed);
    }

    private sealed class PartProgress(IProgress<double> whole, int index, int count) : IProgress<double>
    {
        public void Report(double value) => whole.Report((index + value) / count);
    }
}
