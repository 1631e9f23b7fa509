namespace Llama2.Training;

/// <summary>What becomes of a record that is malformed: broken JSON, a missing field, an unknown role, an empty turn.</summary>
public enum InvalidRecordPolicy
{
    /// <summary>The data set is refused, and the exception names the line.</summary>
    Fail,

    /// <summary>It is left out, and counted in the data set's report.</summary>
    Skip,
}
