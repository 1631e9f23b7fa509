using System.Text;
using Llama2.Tests;

namespace Llama2.Cli.Tests;

/// <summary>Model files for tests that need no golden data.</summary>
internal static class TestModels
{
    /// <summary>The demonstration model, which is part of the repository.</summary>
    public static string Demonstration { get; } = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    /// <summary>The demonstration model as a GGUF file whose metadata say that YaRN extended its context from 256 tokens to 1,024.</summary>
    public static byte[] Extended()
    {
        const int CountOffset = 16, MetadataOffset = 24, Alignment = 32;
        byte[] file = File.ReadAllBytes(Demonstration);
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        WriteText(writer, "llama.rope.scaling.type");
        writer.Write(8u);
        WriteText(writer, "yarn");
        WriteText(writer, "llama.rope.scaling.factor");
        writer.Write(6u);
        writer.Write(4f);
        WriteText(writer, "llama.rope.scaling.original_context_length");
        writer.Write(4u);
        writer.Write(256u);
        // Tensor offsets are relative to the end of the metadata. The padding keeps that end at the same position within an alignment block.
        WriteText(writer, "test.padding");
        writer.Write(8u);
        WriteText(writer, new string('.', Alignment - (int)(stream.Length + sizeof(ulong)) % Alignment));
        BitConverter.TryWriteBytes(file.AsSpan(CountOffset), BitConverter.ToUInt64(file, CountOffset) + 4);
        return [.. file[..MetadataOffset], .. stream.ToArray(), .. file[MetadataOffset..]];
    }

    /// <summary>The demonstration model as a file without a chat template or prompt format.</summary>
    public static byte[] WithoutTemplate()
    {
        byte[] file = File.ReadAllBytes(Demonstration);
        "tokenizer.lost_template"u8.CopyTo(file.AsSpan(file.AsSpan().IndexOf("tokenizer.chat_template"u8)));
        return file;
    }

    /// <summary>
    /// A GGUF file with one tensor of a type that this library cannot compute with. The author's name in its metadata contains a control sequence that would
    /// clear the screen.
    /// </summary>
    public static byte[] Foreign()
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(1ul);
        writer.Write(3ul);
        WriteText(writer, "general.architecture");
        writer.Write(8u);
        WriteText(writer, "mamba");
        WriteText(writer, "general.author");
        writer.Write(8u);
        WriteText(writer, "\u001b[2J[red]nobody[/]\nat all");
        WriteText(writer, "general.score");
        writer.Write(6u);
        writer.Write(float.NaN);
        WriteText(writer, "some.weight");
        writer.Write(1u);
        writer.Write(256ul);
        writer.Write(16u);
        writer.Write(0ul);
        while (stream.Length % 32 != 0)
            writer.Write((byte)0);
        writer.Write(new byte[66]);
        return stream.ToArray();
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
