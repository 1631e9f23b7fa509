namespace Llama2.Training;

/// <summary>How a sample with more tokens than <see cref="DatasetOptions.MaxLength"/> is handled. Plain text is always split.</summary>
public enum LongSamplePolicy
{
    /// <summary>The sample is skipped, and counted in the data set's report.</summary>
    Skip,

    /// <summary>The sample is truncated at its end; if no token to learn remains, it is skipped.</summary>
    Truncate,

    /// <summary>The data set is refused.</summary>
    Fail,
}
