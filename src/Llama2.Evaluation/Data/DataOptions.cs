namespace Llama2.Evaluation;

/// <summary>
/// Limits for files of evaluation data, which are untrusted: a file that exceeds a limit is refused with an <see cref="EvaluationDataException"/>.
/// Immutable and thread-safe.
/// </summary>
public sealed record DataOptions
{
    /// <summary>The maximum size of one file in bytes, after decompression: at least 1. Default 1 GiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxByteSize
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The maximum size of a file must be at least 1 byte.");
    } = 1L << 30;

    /// <summary>The maximum number of rows that one call reads: at least 1. Default 1,000,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxRowCount
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The maximum number of rows must be at least 1.");
    } = 1_000_000;

    /// <summary>The maximum size of one row in bytes, as JSON in UTF-8: 1 to 1 GiB. Default 16 MiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int MaxRowByteSize
    {
        get;
        init => field = value is >= 1 and <= 1 << 30
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The maximum size of a row must be between 1 byte and 1 GiB.");
    } = 16 << 20;

    /// <summary>The maximum length of one text in UTF-16 code units: at least 1. Default 4,194,304.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxTextLength
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The maximum length of a text must be at least 1.");
    } = 1 << 22;

    /// <summary>The maximum number of lists and objects that contain each other, with the row itself: 1 to 1,000. Default 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int MaxDepth
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The maximum depth must be between 1 and 1,000.");
    } = 32;
}
