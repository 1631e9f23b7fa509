namespace Llama2.Training;

/// <summary>How a data set is read. Immutable.</summary>
public sealed record DatasetOptions
{
    /// <summary>The minimum of <see cref="MaxLength"/>.</summary>
    public const int MinLength = 8;

    /// <summary>
    /// The format of the records. With null (the default), it is detected from the first record, and a file that is not JSON is read as plain text.
    /// </summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>
    /// The prompt format in which conversations are encoded; it must be the prompt format of the model to be trained. Required for all formats except
    /// plain text.
    /// </summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>The maximum number of tokens of a sample, from 8 to the model's context length; default 512.</summary>
    public int MaxLength
    {
        get;
        init => field = value >= MinLength
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxLength), value, $"It must be {MinLength} tokens or more.");
    } = 512;

    /// <summary>How samples that are longer than <see cref="MaxLength"/> are handled; default <see cref="LongSamplePolicy.Skip"/>.</summary>
    public LongSamplePolicy LongSamples { get; init; }

    /// <summary>How malformed records are handled; default <see cref="InvalidRecordPolicy.Fail"/>.</summary>
    public InvalidRecordPolicy InvalidRecords { get; init; }

    /// <summary>The maximum size of a record or line in bytes, 1 to 1 Gi; default 16 Mi.</summary>
    public int MaxRecordByteSize
    {
        get;
        init => field = value is >= 1 and <= 1 << 30
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxRecordByteSize), value, "It must be 1 to 1,073,741,824 bytes.");
    } = 16 << 20;

    /// <summary>
    /// The maximum number of tokens of all samples together, 1 or more; default 1,000,000,000. A token takes five bytes of memory.
    /// </summary>
    public long MaxTokenCount
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokenCount), value, "It must be 1 or more.");
    } = 1_000_000_000;
}
