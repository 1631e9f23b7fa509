using System.Text;

namespace Llama2.Cli.Tests.Training;

/// <summary>
/// A GGUF file with the shape of Llama 2 7B in Q4_K_M and a vocabulary of its size. Its weights are zeros, which take no place on the disk because the
/// file is sparse.
/// </summary>
internal static class SparseModel
{
    private const int LayerCount = 32, EmbeddingLength = 4096, FeedForwardLength = 11_008, VocabularySize = 32_000, Alignment = 32;
    private const uint Q4_K = 12, Q6_K = 14, F32 = 0;
    private const uint UInt32Type = 4, Int32Type = 5, Float32Type = 6, StringType = 8, ArrayType = 9;

    public static void Write(string path)
    {
        (string Name, int Columns, int Rows, uint Type)[] tensors = [.. Tensors()];
        using FileStream stream = File.Create(path);
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Length);
        (string Key, Action Write)[] metadata = [.. Metadata(writer)];
        writer.Write((ulong)metadata.Length);
        foreach ((string key, Action write) in metadata)
        {
            Text(writer, key);
            write();
        }

        ulong offset = 0;
        foreach ((string name, int columns, int rows, uint type) in tensors)
        {
            Text(writer, name);
            writer.Write(rows == 1 ? 1u : 2u);
            writer.Write((ulong)columns);
            if (rows > 1)
                writer.Write((ulong)rows);
            writer.Write(type);
            writer.Write(offset);
            ulong byteSize = (ulong)columns * (ulong)rows * type switch { Q4_K => 144ul, Q6_K => 210ul, _ => 1024ul } / 256;
            offset += (byteSize + Alignment - 1) / Alignment * Alignment;
        }

        writer.Flush();
        long start = (stream.Position + Alignment - 1) / Alignment * Alignment;
        stream.SetLength(start + (long)offset);
    }

    private static IEnumerable<(string Name, int Columns, int Rows, uint Type)> Tensors()
    {
        yield return ("token_embd.weight", EmbeddingLength, VocabularySize, Q4_K);
        yield return ("output_norm.weight", EmbeddingLength, 1, F32);
        yield return ("output.weight", EmbeddingLength, VocabularySize, Q6_K);
        for (int layer = 0; layer < LayerCount; layer++)
        {
            // As in llama.cpp's mix, half of the layers have more bits for values and the down projection.
            uint more = layer < LayerCount / 8 || layer >= 7 * LayerCount / 8 || (layer - LayerCount / 8) % 3 == 2 ? Q6_K : Q4_K;
            yield return ($"blk.{layer}.attn_norm.weight", EmbeddingLength, 1, F32);
            yield return ($"blk.{layer}.attn_q.weight", EmbeddingLength, EmbeddingLength, Q4_K);
            yield return ($"blk.{layer}.attn_k.weight", EmbeddingLength, EmbeddingLength, Q4_K);
            yield return ($"blk.{layer}.attn_v.weight", EmbeddingLength, EmbeddingLength, more);
            yield return ($"blk.{layer}.attn_output.weight", EmbeddingLength, EmbeddingLength, Q4_K);
            yield return ($"blk.{layer}.ffn_norm.weight", EmbeddingLength, 1, F32);
            yield return ($"blk.{layer}.ffn_gate.weight", EmbeddingLength, FeedForwardLength, Q4_K);
            yield return ($"blk.{layer}.ffn_up.weight", EmbeddingLength, FeedForwardLength, Q4_K);
            yield return ($"blk.{layer}.ffn_down.weight", FeedForwardLength, EmbeddingLength, more);
        }
    }

    private static IEnumerable<(string Key, Action Write)> Metadata(BinaryWriter writer)
    {
        // Tokens: three control tokens, the 256 bytes, the space, and words.
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", .. Enumerable.Range(0, VocabularySize - 260).Select(word => $"▁w{word}")];
        int[] types = [2, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, VocabularySize - 259)];
        yield return ("general.architecture", () => TypedText("llama"));
        yield return ("general.name", () => TypedText("Seven billion zeros"));
        yield return ("llama.context_length", () => Number(4096));
        yield return ("llama.embedding_length", () => Number(EmbeddingLength));
        yield return ("llama.block_count", () => Number(LayerCount));
        yield return ("llama.feed_forward_length", () => Number(FeedForwardLength));
        yield return ("llama.attention.head_count", () => Number(32));
        yield return ("llama.attention.head_count_kv", () => Number(32));
        yield return ("llama.attention.layer_norm_rms_epsilon", () => Float(1e-5f));
        yield return ("tokenizer.ggml.model", () => TypedText("llama"));
        yield return ("tokenizer.ggml.tokens", () => List(StringType, tokens, token => Text(writer, token)));
        yield return ("tokenizer.ggml.scores", () => List(Float32Type, tokens, _ => writer.Write(0f)));
        yield return ("tokenizer.ggml.token_type", () => List(Int32Type, types, writer.Write));
        yield return ("tokenizer.ggml.bos_token_id", () => Number(1));
        yield return ("tokenizer.ggml.eos_token_id", () => Number(2));

        void TypedText(string text)
        {
            writer.Write(StringType);
            Text(writer, text);
        }

        void Number(int value)
        {
            writer.Write(UInt32Type);
            writer.Write(value);
        }

        void Float(float value)
        {
            writer.Write(Float32Type);
            writer.Write(value);
        }

        void List<T>(uint type, T[] items, Action<T> write)
        {
            writer.Write(ArrayType);
            writer.Write(type);
            writer.Write((ulong)items.Length);
            Array.ForEach(items, write);
        }
    }

    private static void Text(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
