namespace Llama2;

/// <summary>
/// There is not enough memory for what was asked. Thrown before anything is allocated; the model, if one is loaded, stays usable.
/// </summary>
public sealed class LlamaMemoryException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What needs memory, how much, and what would need less.</param>
    /// <param name="requiredBytes">Bytes needed.</param>
    /// <param name="availableBytes">Bytes to be had.</param>
    public LlamaMemoryException(string message, long requiredBytes, long availableBytes)
        : base(message)
    {
        RequiredBytes = requiredBytes;
        AvailableBytes = availableBytes;
    }

    /// <summary>Bytes needed.</summary>
    public long RequiredBytes { get; }

    /// <summary>Bytes that the process could still have.</summary>
    public long AvailableBytes { get; }
}
