using System.Runtime.InteropServices;
using Llama2.Quantization;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests;

/// <summary>
/// A complete model of some kilobytes, with random weights: one layer, embedding length 32, two heads that share a key-value head, 12 tokens.
/// </summary>
internal static class TinyModel
{
    public const int Width = 32;
    public static readonly string[] Pieces = ["<unk>", "<s>", "</s>", "\u2581", "a", "b", "c", "ab", "\u2581a", "bc", "abc", "\u2581abc"];

    public static byte[] Build() => Describe().Build();

    public static GgufBuilder Describe(object? endOfSequence = null)
    {
        var random = new Random(1);
        GgufBuilder builder = new GgufBuilder()
            .Add("general.architecture", "llama")
            .Add("llama.context_length", 16u)
            .Add("llama.embedding_length", (uint)Width)
            .Add("llama.block_count", 1u)
            .Add("llama.feed_forward_length", 32u)
            .Add("llama.attention.head_count", 2u)
            .Add("llama.attention.head_count_kv", 1u)
            .Add("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Add("tokenizer.ggml.model", "llama")
            .Add("tokenizer.ggml.tokens", Pieces)
            .Add("tokenizer.ggml.scores", Pieces.Select((_, i) => (float)-i).ToArray())
            .Add("tokenizer.ggml.token_type", Pieces.Select((_, i) => i == 0 ? 2 : i < 3 ? 3 : 1).ToArray())
            .Add("tokenizer.ggml.bos_token_id", 1u)
            .Add("tokenizer.ggml.eos_token_id", endOfSequence ?? 2u);
        AddMatrix("token_embd.weight", GgmlType.Q8_0, Pieces.Length);
        AddVector("blk.0.attn_norm.weight");
        AddMatrix("blk.0.attn_q.weight", GgmlType.Q4_0, Width);
        AddMatrix("blk.0.attn_k.weight", GgmlType.F16, Width / 2);
        AddMatrix("blk.0.attn_v.weight", GgmlType.Q8_0, Width / 2);
        AddMatrix("blk.0.attn_output.weight", GgmlType.Q5_1, Width);
        AddVector("blk.0.ffn_norm.weight");
        AddMatrix("blk.0.ffn_gate.weight", GgmlType.IQ4_NL, 32);
        AddMatrix("blk.0.ffn_up.weight", GgmlType.Q4_1, 32);
        AddMatrix("blk.0.ffn_down.weight", GgmlType.F32, Width);
        AddVector("output_norm.weight");
        return builder;

        void AddVector(string name) => builder.AddTensor(name, GgmlType.F32, [Width], MemoryMarshal.AsBytes(Enumerable.Repeat(1f, Width).ToArray().AsSpan()).ToArray());

        void AddMatrix(string name, GgmlType type, int rowCount)
            => builder.AddTensor(name, type, [Width, (ulong)rowCount], RandomRows(type, rowCount, random));
    }

    // The codes are random; every half-precision number and every float in the blocks is made small.
    private static byte[] RandomRows(GgmlType type, int rowCount, Random random)
    {
        int blockByteSize = GgmlTypes.BlockByteSize(type);
        byte[] rows = new byte[rowCount * Width / GgmlTypes.BlockLength(type) * blockByteSize];
        random.NextBytes(rows);
        for (int i = 0; i < rows.Length; i += blockByteSize)
        {
            float value = (random.NextSingle() - 0.5f) / 16;
            switch (type)
            {
                case GgmlType.F32: BitConverter.TryWriteBytes(rows.AsSpan(i), value); break;
                case GgmlType.Q4_1 or GgmlType.Q5_1: BitConverter.TryWriteBytes(rows.AsSpan(i + 2), (Half)value); goto default;
                default: BitConverter.TryWriteBytes(rows.AsSpan(i), (Half)(value / 16)); break;
            }
        }

        return rows;
    }
}
