using System.Globalization;

namespace Llama2;

/// <summary>
/// As many calls as allowed are already waiting: <see cref="LlamaModelOptions.MaxWaitingCount"/> calls for a model, or other calls keep the memory in
/// which a model would be loaded. Nothing was computed for this call; a later call may succeed.
/// </summary>
public sealed class LlamaBusyException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="waitingCount">The number of waiting calls.</param>
    public LlamaBusyException(int waitingCount)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{waitingCount:N0} calls are already waiting for the model, the maximum that {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.MaxWaitingCount)} allows. Try again later, or allow more."))
        => WaitingCount = waitingCount;

    /// <summary>Creates the exception for another limit than that of a model's waiting calls.</summary>
    /// <param name="message">The whole message: what is busy, the limit, and the remedy.</param>
    /// <param name="waitingCount">The number of waiting calls.</param>
    public LlamaBusyException(string message, int waitingCount)
        : base(message)
        => WaitingCount = waitingCount;

    /// <summary>The number of waiting calls.</summary>
    public int WaitingCount { get; }
}
