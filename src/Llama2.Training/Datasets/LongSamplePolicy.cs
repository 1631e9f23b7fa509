namespace Llama2.Training;

/// <summary>What becomes of a sample with more tokens than <see cref="DatasetOptions.MaxLength"/>. Plain text is cut in any case.</summary>
public enum LongSamplePolicy
{
    /// <summary>It is left out, and counted in the data set's report.</summary>
    Skip,

    /// <summary>It loses its end; one of which nothing is left to learn is left out.</summary>
    Truncate,

    /// <summary>The data set is refused.</summary>
    Fail,
}
