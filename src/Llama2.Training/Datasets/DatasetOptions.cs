namespace Llama2.Training;

/// <summary>How a data set is read. Immutable.</summary>
public sealed record DatasetOptions
{
    /// <summary>The least of <see cref="MaxLength"/>.</summary>
    public const int MinimumLength = 8;

    /// <summary>What the records look like; null, the default, takes the format that the first record shows, and text for files that are no JSON.</summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>The format in which conversations become tokens: that of the model to be trained. Needed for all but plain text.</summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>Tokens of a sample at most: 8 or more, at most the model's context length; default 512.</summary>
    public int MaxLength
    {
        get;
        init => field = value >= MinimumLength
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxLength), value, $"It must be {MinimumLength} tokens or more.");
    } = 512;

    /// <summary>What becomes of longer samples; default <see cref="LongSamplePolicy.Skip"/>.</summary>
    public LongSamplePolicy LongSamples { get; init; }

    /// <summary>What becomes of malformed records; default <see cref="InvalidRecordPolicy.Fail"/>.</summary>
    public InvalidRecordPolicy InvalidRecords { get; init; }

    /// <summary>Bytes of a record or line at most, 1 to 1 Gi; default 16 Mi.</summary>
    public int MaxRecordByteSize
    {
        get;
        init => field = value is >= 1 and <= 1 << 30
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxRecordByteSize), value, "It must be 1 to 1,073,741,824 bytes.");
    } = 16 << 20;

    /// <summary>Tokens of all samples together at most, which are kept in memory at five bytes each; 1 or more, default 1,000,000,000.</summary>
    public long MaxTokenCount
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokenCount), value, "It must be 1 or more.");
    } = 1_000_000_000;
}
