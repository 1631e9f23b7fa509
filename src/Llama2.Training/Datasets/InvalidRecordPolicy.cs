namespace Llama2.Training;

/// <summary>How a malformed record is handled. A record is malformed if its JSON is invalid, a field is missing, a role is unknown or a turn is empty.</summary>
public enum InvalidRecordPolicy
{
    /// <summary>The data set is refused, and the exception names the line.</summary>
    Fail,

    /// <summary>The record is skipped, and counted in the data set's report.</summary>
    Skip,
}
