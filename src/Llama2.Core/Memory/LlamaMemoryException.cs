namespace Llama2;

/// <summary>
/// There is not enough memory for the request. Thrown before anything is allocated; a loaded model remains usable.
/// </summary>
public sealed class LlamaMemoryException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The message: the purpose of the memory, its size, and how to need less memory.</param>
    /// <param name="requiredBytes">The number of bytes needed.</param>
    /// <param name="availableBytes">The number of bytes available.</param>
    public LlamaMemoryException(string message, long requiredBytes, long availableBytes)
        : base(message)
    {
        RequiredBytes = requiredBytes;
        AvailableBytes = availableBytes;
    }

    /// <summary>The number of bytes needed.</summary>
    public long RequiredBytes { get; }

    /// <summary>The number of bytes that the process could still allocate.</summary>
    public long AvailableBytes { get; }
}
