using Llama2.Formats;

namespace Llama2.Tests.Formats;

/// <summary>A file whose content is in memory.</summary>
internal sealed class MemoryByteSource(ReadOnlyMemory<byte> bytes) : IByteSource
{
    public string Path => "memory.gguf";

    public long Length => bytes.Length;

    public bool IsDisposed { get; private set; }

    public void Read(long offset, Span<byte> destination) => bytes.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);

    public void Dispose() => IsDisposed = true;
}
