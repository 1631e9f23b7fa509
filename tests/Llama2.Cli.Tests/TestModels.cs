using System.Text;
using Llama2.Tests;

namespace Llama2.Cli.Tests;

/// <summary>Model files for tests that need no golden data.</summary>
internal static class TestModels
{
    /// <summary>The demonstration model, which is part of the repository.</summary>
    public static string Demonstration { get; } = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    /// <summary>A GGUF file of one tensor, of a type that this library does not compute with, by an author who tries to clear the screen.</summary>
    public static byte[] Foreign()
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(1ul);
        writer.Write(3ul);
        WriteText("general.architecture");
        writer.Write(8u);
        WriteText("mamba");
        WriteText("general.author");
        writer.Write(8u);
        WriteText("\u001b[2J[red]nobody[/]\nat all");
        WriteText("general.score");
        writer.Write(6u);
        writer.Write(float.NaN);
        WriteText("some.weight");
        writer.Write(1u);
        writer.Write(256ul);
        writer.Write(16u);
        writer.Write(0ul);
        while (stream.Length % 32 != 0)
            writer.Write((byte)0);
        writer.Write(new byte[66]);
        return stream.ToArray();

        void WriteText(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            writer.Write((ulong)bytes.Length);
            writer.Write(bytes);
        }
    }
}
