using Llama2.Formats;

namespace Llama2.Tests.Formats.PyTorch;

/// <summary>A file with a run of zeros that is too long for memory.</summary>
internal sealed class SparseByteSource(byte[] bytes, int gapOffset, long gap) : IByteSource
{
    public string Path => "sparse.pth";

    public long Length => bytes.Length + gap;

    public void Read(long offset, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            long position = offset + i;
            destination[i] = position < gapOffset ? bytes[position] : position < gapOffset + gap ? (byte)0 : bytes[position - gap];
        }
    }

    public void Dispose()
    {
    }
}
