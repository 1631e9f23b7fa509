namespace Llama2.Training;

/// <summary>How a malformed record is handled: broken JSON, a missing field, an unknown role, an empty turn.</summary>
public enum InvalidRecordPolicy
{
    /// <summary>The data set is refused, and the exception names the line.</summary>
    Fail,

    /// <summary>The record is skipped, and counted in the data set's report.</summary>
    Skip,
}
