using System.Globalization;

namespace Llama2;

/// <summary>
/// As many calls as <see cref="LlamaModelOptions.MaxWaitingCount"/> allows are already waiting for the model. Nothing was computed for this call; a
/// later call may succeed.
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

    /// <summary>The number of waiting calls.</summary>
    public int WaitingCount { get; }
}
