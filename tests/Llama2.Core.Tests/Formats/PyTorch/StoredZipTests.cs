using System.IO.Compression;
using Llama2.Formats.PyTorch;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Formats.PyTorch;

public class StoredZipTests
{
    private const int EndByteSize = 22;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_StoredEntries_GivesThePlacesOfTheirBytes(bool isZip64)
    {
        byte[] file = Archive(new TorchArchive { IsZip64 = isZip64 });
        Dictionary<string, ZipEntry> entries = StoredZip.Read(new MemoryByteSource(file));

        entries.Keys.Should().Equal("archive/data.pkl", "archive/data/0");
        ZipEntry entry = entries["archive/data/0"];
        file.AsSpan((int)entry.Offset, (int)entry.Length).ToArray().Should().Equal(1, 2, 3, 4);
    }

    [Fact]
    public void Read_ArchiveOfDotNet_GivesTheSameBytes()
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("a/data/0", CompressionLevel.NoCompression).Open();
            entry.Write([5, 6, 7]);
        }

        byte[] file = stream.ToArray();
        ZipEntry found = StoredZip.Read(new MemoryByteSource(file))["a/data/0"];
        file.AsSpan((int)found.Offset, (int)found.Length).ToArray().Should().Equal(5, 6, 7);
    }

    // 64 MiB of zeros, compressed to 64 KB and declared with their true size.
    [Fact]
    public void Read_CompressedBomb_IsRefusedUnread()
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++)
                entry.Write(zeros);
        }

        Refusal(stream.ToArray()).Message.Should().Contain("compression of entry 'archive/data.pkl' is method 8; torch.save stores entries");
    }

    [Fact]
    public void Read_FaultOfTheDirectory_IsRefusedByName()
    {
        Refusal(Archive(new TorchArchive { Method = 8 })).Message.Should().Contain("method 8");
        Refusal(Archive(new TorchArchive { Flags = 1 })).Message.Should().Contain("encrypted");
        Refusal(Archive(new TorchArchive { AddedSize = 1 << 30 })).Message.Should().Contain("of an uncompressed entry must be equal");
        Refusal(Archive(new TorchArchive { AddedSize = 1 << 30, IsZip64 = true })).Message.Should().Contain("of an uncompressed entry must be equal");
        Refusal(Archive(new TorchArchive().AddEntry("archive/data/0", []))).Message.Should().Contain("two entries have this name");
        Refusal([.. Archive(new TorchArchive()), 0]).Message.Should().Contain("end of the archive");
        Refusal([]).Message.Should().Contain("cut short");
    }

    [Theory]
    [InlineData(10, 2, 0, "number of entries is 0")]
    [InlineData(10, 2, 9_000, "number of entries is 9,000")]
    [InlineData(10, 2, 1, "directory is")]
    [InlineData(10, 2, 3, "number of entries is 3")]
    [InlineData(12, 4, 0x7FFFFFFF, "directory size is 2,147,483,647")]
    [InlineData(16, 4, 0x7FFFFFFF, "is not within the archive")]
    [InlineData(16, 4, 0xFFFFFFFF, "ZIP64 locator")]
    [InlineData(16, 4, 0, "directory entry is absent")]
    public void Read_ChangedEndOfArchive_IsRefused(int offset, int length, long value, string message)
    {
        byte[] file = Archive(new TorchArchive());
        BitConverter.GetBytes(value).AsSpan(0, length).CopyTo(file.AsSpan(file.Length - EndByteSize + offset));

        Refusal(file).Message.Should().Contain(message);
    }

    // Changes an entry of the directory (the offset of its local header, its sizes, or the length of its name), or the name in a local header.
    [Fact]
    public void Read_EntryThatLeavesItsPlace_IsRefused()
    {
        byte[] file = Archive(new TorchArchive());
        int directory = BitConverter.ToInt32(file, file.Length - EndByteSize + 16), second = directory + 46 + "archive/data.pkl".Length;

        Refusal(Changed(second + 42, BitConverter.GetBytes(0))).Message.Should().Contain("different from its directory entry");
        Refusal(Changed(second + 42, BitConverter.GetBytes(0x7FFFFFFF))).Message.Should().Contain("must come before the directory");
        Refusal(Changed(second + 20, [5, 0, 0, 0, 5, 0, 0, 0])).Message.Should().Contain("only 4 follow before the directory");
        Refusal(Changed(directory + 20, [40, 0, 0, 0, 40, 0, 0, 0])).Message.Should().Contain("entry 'archive/data.pkl' is overlapping the next");
        Refusal(Changed(30, [.. "?"u8])).Message.Should().Contain("different from its directory entry");
        Refusal(Changed(second + 28, [0, 0])).Message.Should().Contain("its name 0");

        byte[] Changed(int position, byte[] bytes)
        {
            byte[] changed = [.. file];
            bytes.CopyTo(changed, position);
            return changed;
        }
    }

    private static byte[] Archive(TorchArchive archive) => archive.AddEntry("archive/data/0", [1, 2, 3, 4]).Build([.. "N."u8]);

    private static ModelFormatException Refusal(byte[] file)
    {
        ModelFormatException? fault = RefusalLimits.Run(() => StoredZip.Read(new MemoryByteSource(file)), $"{file.Length} bytes");
        fault.Should().NotBeNull();
        return fault!;
    }
}
