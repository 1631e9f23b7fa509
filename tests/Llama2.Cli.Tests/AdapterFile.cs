using System.Text;

namespace Llama2.Cli.Tests;

/// <summary>A LoRA adapter in GGUF: matrices A and B of rank 2 with random numbers, for the value projection of a model's first layer.</summary>
internal static class AdapterFile
{
    /// <summary>The tensor that the adapter changes.</summary>
    public const string BaseName = "blk.0.attn_v.weight";

    /// <summary>The bytes of the file.</summary>
    /// <param name="modelPath">The model that the adapter changes.</param>
    public static byte[] Of(string modelPath)
    {
        TensorInformation tensor = ModelFileInformation.Read(modelPath).Tensors.Single(tensor => tensor.Name == BaseName);
        (int columns, int rows) = ((int)tensor.Dimensions[0], (int)tensor.Dimensions[1]);
        var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(2ul);
        writer.Write(4ul);
        WriteText("general.type", "adapter");
        WriteText("general.architecture", "llama");
        WriteText("adapter.type", "lora");
        Write("adapter.lora.alpha");
        writer.Write(6u);
        writer.Write(8f);
        WriteEntry(BaseName + ".lora_a", columns, 2, 0);
        WriteEntry(BaseName + ".lora_b", 2, rows, columns * 8);
        writer.Write(new byte[(32 - file.Length % 32) % 32]);
        var random = new Random(1);
        for (int i = 0; i < 2 * (columns + rows); i++)
        {
            writer.Write(random.NextSingle() - 0.5f);
        }

        return file.ToArray();

        void Write(string text)
        {
            writer.Write((ulong)text.Length);
            writer.Write(Encoding.ASCII.GetBytes(text));
        }

        void WriteText(string key, string value)
        {
            Write(key);
            writer.Write(8u);
            Write(value);
        }

        void WriteEntry(string name, int rowLength, int rowCount, int offset)
        {
            Write(name);
            writer.Write(2u);
            writer.Write((ulong)rowLength);
            writer.Write((ulong)rowCount);
            writer.Write(0u);
            writer.Write((ulong)offset);
        }
    }
}
