namespace Llama2.Conversion;

/// <summary>Adds up the bytes of the tensors that have been written, and reports the sum.</summary>
internal sealed class ExportProgress(IProgress<ByteProgress>? progress, long totalBytes)
{
    private long _writtenBytes;

    public void Add(int byteCount) => progress?.Report(new ByteProgress(_writtenBytes += byteCount, totalBytes));
}
