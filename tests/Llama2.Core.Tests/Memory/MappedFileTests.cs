using Llama2.Memory;

namespace Llama2.Tests.Memory;

public sealed class MappedFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.bin");
    private readonly byte[] _bytes = [.. Enumerable.Range(0, 100_001).Select(i => (byte)(i * 31 >> 3))];

    public MappedFileTests() => File.WriteAllBytes(_path, _bytes);

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_AnyPart_GivesTheBytesThatPositionalReadsGive()
    {
        using MappedFile file = MappedFile.Open(_path);
        using var handle = File.OpenHandle(_path);

        file.Length.Should().Be(_bytes.Length);
        foreach ((int start, int length) in new[] { (0, 1), (0, 100_001), (4_095, 2), (99_999, 2), (100_001, 0), (12_345, 70_000) })
        {
            byte[] mapped = new byte[length], read = new byte[length];
            file.Read(start, mapped);
            RandomAccess.Read(handle, read, start);
            mapped.AsSpan().SequenceEqual(read).Should().BeTrue();
            file.Slice(start, length).SequenceEqual(read).Should().BeTrue();
        }
    }

    [Theory]
    [InlineData(100_001, 1)]
    [InlineData(100_000, 2)]
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(0, -1)]
    public void Slice_OutsideTheFile_IsRefused(long start, int length)
    {
        using MappedFile file = MappedFile.Open(_path);

        file.Invoking(f => f.Slice(start, length).Length).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void ThrowIfChanged_UnchangedFile_DoesNotThrow()
    {
        using MappedFile file = MappedFile.Open(_path);

        file.Invoking(f => f.ThrowIfChanged()).Should().NotThrow();
    }

    [Fact]
    public void ThrowIfChanged_FileOfAnotherLength_Throws()
    {
        if (OperatingSystem.IsWindows())
            return; // On this system the file cannot be written to while it is mapped.

        using MappedFile file = MappedFile.Open(_path);
        using (var writer = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            writer.SetLength(50_000);

        file.Invoking(f => f.ThrowIfChanged()).Should().Throw<ModelFormatException>()
            .WithMessage("*file length is 50,000 bytes; it was 100,001 bytes*");
    }

    [Fact]
    public void ThrowIfChanged_FileWrittenToInPlace_Throws()
    {
        using MappedFile file = MappedFile.Open(_path);
        File.SetLastWriteTimeUtc(_path, DateTime.UnixEpoch);

        file.Invoking(f => f.ThrowIfChanged()).Should().Throw<ModelFormatException>().WithMessage("*last write time*");
    }

    [Fact]
    public void ThrowIfChanged_FileReplacedByRenaming_StillReadsTheOldOne()
    {
        if (OperatingSystem.IsWindows())
            return; // On this system an open file cannot be replaced.

        using MappedFile file = MappedFile.Open(_path);
        File.WriteAllBytes(_path + ".new", [1, 2, 3]);
        File.Move(_path + ".new", _path, overwrite: true);

        file.Invoking(f => f.ThrowIfChanged()).Should().NotThrow();
        file.Slice(0, _bytes.Length).SequenceEqual(_bytes).Should().BeTrue();
    }

    [Fact]
    public void Open_EmptyFile_ThrowsModelFormatException()
    {
        File.WriteAllBytes(_path, []);

        FluentActions.Invoking(() => MappedFile.Open(_path)).Should().Throw<ModelFormatException>().WithMessage("*empty*");
    }

    [Fact]
    public void Read_AfterDispose_ThrowsObjectDisposedException()
    {
        MappedFile file = MappedFile.Open(_path);
        file.Dispose();
        file.Dispose();

        file.Invoking(f => f.Read(0, new byte[1])).Should().Throw<ObjectDisposedException>();
        file.Invoking(f => f.Slice(0, 1).Length).Should().Throw<ObjectDisposedException>();
        file.Invoking(f => f.ThrowIfChanged()).Should().Throw<ObjectDisposedException>();
    }
}
