using System.Globalization;

namespace Llama2;

/// <summary>As many calls wait for their turn as the model lets wait. Nothing was computed; a later call may succeed.</summary>
public sealed class LlamaBusyException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="waitingCount">Calls that wait.</param>
    public LlamaBusyException(int waitingCount)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"{waitingCount:N0} calls wait for the model already, the most that {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.MaxWaitingCount)} allows. Try again later, or allow more."))
        => WaitingCount = waitingCount;

    /// <summary>Calls that wait.</summary>
    public int WaitingCount { get; }
}
