using Llama2.Memory;

namespace Llama2.Tests.Memory;

public sealed class WeightStorageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Place_Parts_LieOneAfterTheOtherOnBoundariesOf64Bytes()
    {
        long[] sizes = [1, 64, 65, 0, 7];
        using WeightStorage storage = WeightStorage.Allocate(WeightStorage.ByteSizeFor(sizes));
        WeightBytes[] parts = [.. sizes.Select(storage.Place)];

        storage.ByteSize.Should().Be(64 + 64 + 128 + 0 + 7);
        foreach (WeightBytes part in parts)
        {
            part.Writable(0, (int)part.ByteSize).Fill(255);
        }

        Array.TrueForAll(parts, part => part.Slice(0, (int)part.ByteSize).IndexOfAnyExcept((byte)255) < 0).Should().BeTrue();
        storage.Invoking(full => full.Place(1)).Should().Throw<ArgumentOutOfRangeException>();
        storage.Invoking(full => full.Place(-1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 63)]
    [InlineData(64, 0)]
    [InlineData(127, 1)]
    public void PaddingAfter_LeadsToTheNextBoundary(long position, int padding) => WeightStorage.PaddingAfter(position).Should().Be(padding);

    [Fact]
    public void Map_Part_IsReadOnlyAndCountedAsMapped()
    {
        string path = _folder.File("bytes");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 192).Select(i => (byte)i)]);
        using (WeightStorage storage = WeightStorage.Map(MappedFile.Open(path), 64, 128))
        {
            WeightBytes first = storage.Place(1), second = storage.Place(64);

            storage.IsMapped.Should().BeTrue();
            first.Slice(0, 1)[0].Should().Be(64);
            second.Slice(0, 64).ToArray().Should().Equal(Enumerable.Range(128, 64).Select(i => (byte)i));
            second.Invoking(part => part.Writable(0, 1).Length).Should().Throw<InvalidOperationException>();
            MemoryBudget.MappedBytes.Should().BeGreaterThanOrEqualTo(128);
        }

        File.Delete(path);
    }

    [Theory]
    [InlineData(64, 129)]
    [InlineData(32, 64)]
    [InlineData(256, 0)]
    public void Map_PartOutsideTheFileOrNotAligned_IsRefused(long offset, long byteSize)
    {
        string path = _folder.File("bytes");
        File.WriteAllBytes(path, new byte[192]);
        using MappedFile file = MappedFile.Open(path);

        FluentActions.Invoking(() => WeightStorage.Map(file, offset, byteSize)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
