using System.Diagnostics;
using System.Text;
using Llama2.Tests;

namespace Llama2.Cli.Tests;

/// <summary>Files that consist almost entirely of metadata, whose printed description is much longer than the metadata.</summary>
public sealed class InspectPeakMemoryTests : IDisposable
{
    private const uint Byte = 0, Int16 = 3, UInt32 = 4, Single = 6, Boolean = 7, String = 8, Array = 9;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxTheory]
    [InlineData("inspect")]
    [InlineData("inspect --json")]
    public void Inspect_ManyKeys_TakesMemoryInProportion(string command) => ShouldBeInProportion(command, 65_000, WriteKeys);

    [LinuxTheory]
    [InlineData("inspect", Byte, 1, 4_194_304)]
    [InlineData("inspect --json", Byte, 1, 4_194_304)]
    [InlineData("inspect --json", Boolean, 1, 4_194_304)]
    [InlineData("inspect --json", Int16, 2, 4_194_304)]
    [InlineData("inspect --json", Single, 4, 4_194_304)]
    public void Inspect_LongArray_TakesMemoryInProportion(string command, uint type, int elementByteSize, int count) => ShouldBeInProportion(command, 1, writer =>
    {
        Write(writer, "long", Array);
        writer.Write(type);
        writer.Write((ulong)count);
        writer.Write(new byte[count * elementByteSize]);
    });

    [LinuxTheory]
    [InlineData("inspect", "", 4_194_304)]
    [InlineData("inspect --json", "", 4_194_304)]
    [InlineData("inspect", "ab", 4_194_304)]
    [InlineData("inspect --json", "ab", 4_194_304)]
    public void Inspect_ManyTexts_TakesMemoryInProportion(string command, string text, int count) => ShouldBeInProportion(command, 1, writer =>
    {
        Write(writer, "texts", Array);
        writer.Write(String);
        writer.Write((ulong)count);
        for (int i = 0; i < count; i++)
            Write(writer, text);
    });

    [LinuxTheory]
    [InlineData("inspect", "general.author")]
    [InlineData("inspect --json", "general.author")]
    [InlineData("inspect", "general.architecture")]
    [InlineData("inspect --json", "general.architecture")]
    public void Inspect_LongText_TakesMemoryInProportion(string command, string key) => ShouldBeInProportion(command, 1, writer =>
    {
        Write(writer, key, String);
        Write(writer, new string('\u0001', 20 << 20));
    });

    [LinuxTheory]
    [InlineData("inspect")]
    [InlineData("inspect --tensors")]
    [InlineData("inspect --json")]
    public void Inspect_ManyTensors_TakesMemoryInProportion(string command)
    {
        const int Count = 65_000, Alignment = 8;
        ShouldBeInProportion(command, 1, Count, writer =>
        {
            Write(writer, "general.alignment", UInt32);
            writer.Write(Alignment);
            for (int i = 0; i < Count; i++)
            {
                Write(writer, $"{i:x}");
                writer.Write(1u);
                writer.Write(1ul);
                writer.Write(0u);
                writer.Write((ulong)(Alignment * i));
            }

            writer.Write(new byte[Alignment * (Count + 1)]);
        });
    }

    // Writing the text takes twice as long as writing the JSON. In an earlier version, which laid out all keys as one table, the text took a hundred times as
    // long as the JSON.
    [Fact]
    public async Task Inspect_ManyKeys_TakesNoLongerThanSixTimesTheJson()
    {
        string path = WriteFile(65_000, 0, WriteKeys);
        await CommandRun.OfAsync("inspect", path);
        await CommandRun.OfAsync("inspect", path, "--json");
        TimeSpan table = TimeSpan.MaxValue, json = TimeSpan.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            table = Shorter(table, await TimeAsync("inspect", path));
            json = Shorter(json, await TimeAsync("inspect", path, "--json"));
        }

        table.Should().BeLessThan(6 * json);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static async Task<TimeSpan> TimeAsync(params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        (await CommandRun.OfAsync(arguments)).ShouldSucceed();
        return Stopwatch.GetElapsedTime(start);
    }

    private static void WriteKeys(BinaryWriter writer)
    {
        for (int i = 0; i < 65_000; i++)
        {
            Write(writer, $"key{i:x5}", Boolean);
            writer.Write(true);
        }
    }

    private void ShouldBeInProportion(string command, ulong pairCount, Action<BinaryWriter> write) => ShouldBeInProportion(command, pairCount, 0, write);

    private void ShouldBeInProportion(string command, ulong pairCount, ulong tensorCount, Action<BinaryWriter> write)
    {
        string path = WriteFile(pairCount, tensorCount, write);

        PeakMemory.ShouldBeInProportion(command, TestModels.Demonstration, path, new FileInfo(path).Length).Should().BeEmpty();
    }

    private string WriteFile(ulong pairCount, ulong tensorCount, Action<BinaryWriter> write)
    {
        string path = _folder.File("model.gguf");
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(tensorCount);
        writer.Write(pairCount);
        write(writer);
        return path;
    }

    private static void Write(BinaryWriter writer, string key, uint type)
    {
        Write(writer, key);
        writer.Write(type);
    }

    private static void Write(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
