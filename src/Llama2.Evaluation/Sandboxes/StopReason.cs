namespace Llama2.Evaluation.Sandboxes;

/// <summary>Why a run was ended from outside.</summary>
internal enum StopReason
{
    None,

    /// <summary>The run has its result, and what is left of its processes is ended.</summary>
    Finished,
    Cancelled,
    TimedOut,
    OutOfMemory,
    TooMuchOutput,

    /// <summary>The sandbox was not ready after a minute.</summary>
    NotStarted,
}
