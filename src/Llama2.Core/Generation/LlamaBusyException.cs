using System.Globalization;

namespace Llama2;

/// <summary>
/// A call was refused, either because <see cref="LlamaModelOptions.MaxWaitingCount"/> calls are already waiting for the model, or because a model cannot be
/// loaded while other calls use the memory that it needs. Nothing was computed for this call; a later call may succeed.
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

    /// <summary>Creates the exception for a limit other than <see cref="LlamaModelOptions.MaxWaitingCount"/>.</summary>
    /// <param name="message">The whole message: what is busy, the limit, and the remedy.</param>
    /// <param name="waitingCount">The number of waiting calls.</param>
    public LlamaBusyException(string message, int waitingCount)
        : base(message)
        => WaitingCount = waitingCount;

    /// <summary>The number of waiting calls.</summary>
    public int WaitingCount { get; }
}
