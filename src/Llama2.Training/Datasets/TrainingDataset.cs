using Llama2.Training.Datasets;
using Llama2.Training.Datasets.Descriptions;

namespace Llama2.Training;

/// <summary>Training data, kept in memory as tokens: samples, or pairs of answers, one of which is preferred. Immutable and thread-safe.</summary>
public sealed class TrainingDataset
{
    /// <summary>The maximum weight of a data set in <see cref="Mix"/>: 1,000.</summary>
    public const double MaxWeight = 1000;

    /// <summary>Creates a data set of samples.</summary>
    /// <param name="samples">The samples. The list is not copied, so it must not change.</param>
    public TrainingDataset(IReadOnlyList<TrainingSample> samples)
        : this(samples, [], report: null) => ArgumentNullException.ThrowIfNull(samples);

    /// <summary>Creates a data set of pairs of answers.</summary>
    /// <param name="pairs">The pairs. The list is not copied, so it must not change.</param>
    public TrainingDataset(IReadOnlyList<PreferencePair> pairs)
        : this([], pairs, report: null) => ArgumentNullException.ThrowIfNull(pairs);

    internal TrainingDataset(IReadOnlyList<TrainingSample> samples, IReadOnlyList<PreferencePair> pairs, DatasetReport? report)
    {
        Samples = samples;
        Pairs = pairs;
        Report = report;
    }

    /// <summary>The samples, in their order in the file or list; empty if the data set has pairs.</summary>
    public IReadOnlyList<TrainingSample> Samples { get; }

    /// <summary>The pairs, in their order in the file or list; empty if the data set has samples.</summary>
    public IReadOnlyList<PreferencePair> Pairs { get; }

    /// <summary>The number of samples or pairs.</summary>
    public int Count => Samples.Count + Pairs.Count;

    /// <summary>Whether the samples are rated.</summary>
    internal bool IsRated => Samples is [{ IsDesirable: not null }, ..];

    /// <summary>
    /// The report of what <see cref="Load"/> read and skipped; null for a data set that was created from a list. A part that <see cref="Split"/>
    /// returns has the report of the whole data set.
    /// </summary>
    public DatasetReport? Report { get; }

    /// <summary>
    /// Reads a data set record by record: JSON lines, one JSON array, objects of JSON on several lines, an object that has an array of records, comma- or
    /// tab-separated values, a table in Parquet, or plain text. Tables of separated values are recognized by the ending of the file's name, .csv or .tsv;
    /// all else by the file's content. Unless <see cref="DatasetOptions.Format"/> is set, the format of records is detected from the first record.
    /// </summary>
    /// <param name="path">
    /// The file, in UTF-8; or a data set that LLaMA-Factory's file of descriptions describes, as <c>data/dataset_info.json#name</c>.
    /// </param>
    /// <param name="tokenizer">The tokenizer of the model to be trained.</param>
    /// <param name="options">The options for reading the data set; null for the defaults.</param>
    /// <param name="progress">Receives the fraction of the file that has been read, 0 to 1, about a hundred times, on the calling thread.</param>
    /// <param name="cancellationToken">Ends the reading after the current record.</param>
    /// <exception cref="TrainingDataException">
    /// A record is malformed or too long and the options do not skip it, the format cannot be detected, a prompt format is required but not given,
    /// there are more tokens than allowed, or nothing is left to learn.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <remarks>
    /// The method is synchronous, because most of its time is spent on encoding text and not on reading the file. If the calling thread must stay
    /// free, call it within <c>Task.Run</c>.
    /// </remarks>
    public static TrainingDataset Load(
        string path, ModelTokenizer tokenizer, DatasetOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new DatasetOptions();
        return DescriptionFile.Split(path) is var (file, name)
            ? DescribedDataset.Load(DescriptionReader.Read(file, name), tokenizer, options, progress, cancellationToken)
            : new DatasetLoader(path, tokenizer, options, progress, cancellationToken).Load();
    }

    /// <summary>The files with records that <see cref="Load"/> reads: the file itself, or those that a description names.</summary>
    /// <param name="path">The file, or a described data set, as <c>data/dataset_info.json#name</c>.</param>
    /// <exception cref="TrainingDataException">There is no such description, or it is malformed.</exception>
    /// <exception cref="IOException">The file of descriptions cannot be read.</exception>
    public static IReadOnlyList<string> GetFiles(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return DescriptionFile.Split(path) is var (file, name) ? DescriptionReader.Read(file, name).Files : [path];
    }

    /// <summary>
    /// Puts data sets together. With a weight of 2, each sample or pair of a data set is used twice in an epoch; with 0.5, a random half of them is used.
    /// To validate, split each data set before: a sample that is used twice must not be in both parts.
    /// </summary>
    /// <param name="parts">The data sets, all with samples or all with pairs, and their weights, above 0 and at most <see cref="MaxWeight"/>.</param>
    /// <param name="seed">The seed of the random choice: the same seed, data sets and weights give the same result.</param>
    /// <returns>
    /// The samples or pairs, part by part; training shuffles them. The report has the sums of the parts' reports, the format of the first part, and a
    /// fingerprint of all fingerprints and weights; it is null if a part has none.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A weight is out of range.</exception>
    /// <exception cref="ArgumentException">There is no data set, or some have samples and others have pairs or rated samples.</exception>
    public static TrainingDataset Mix(IReadOnlyList<(TrainingDataset Data, double Weight)> parts, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return DatasetMixture.Create(parts, seed);
    }

    /// <summary>
    /// Splits the data set into a part for training and a part for validation. A seed determines which samples or pairs each part gets; in both parts
    /// they keep their order.
    /// </summary>
    /// <param name="validationFraction">The fraction for validation, above 0 and below 1. With any fraction, both parts get at least one sample or pair.</param>
    /// <param name="seed">The seed of the choice: the same seed and data set give the same parts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is out of range.</exception>
    /// <exception cref="InvalidOperationException">The data set has fewer than two samples or pairs.</exception>
    public (TrainingDataset Training, TrainingDataset Validation) Split(double validationFraction, ulong seed)
    {
        // If the fraction is NaN, the comparisons are false, so NaN is refused.
        if (validationFraction is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(validationFraction), validationFraction, "The fraction must be above 0 and below 1.");
        }

        int count = Count;
        if (count < 2)
        {
            throw new InvalidOperationException("The data set has one sample; at least two are needed, one to train with and one to validate with.");
        }

        int validationCount = Math.Clamp((int)Math.Round(count * validationFraction), 1, count - 1);
        int[] order = ShuffledOrder.Create(count, seed);
        Array.Sort(order, 0, validationCount);
        Array.Sort(order, validationCount, count - validationCount);
        return (Select(order[validationCount..]), Select(order[..validationCount]));
    }

    private TrainingDataset Select(int[] indices) =>
        Pairs.Count > 0
            ? new TrainingDataset([], [.. indices.Select(index => Pairs[index])], Report)
            : new TrainingDataset([.. indices.Select(index => Samples[index])], [], Report);
}
