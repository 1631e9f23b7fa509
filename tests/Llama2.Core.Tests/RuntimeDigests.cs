using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Llama2.Quantization;
using Llama2.Quantization.Encoders;
using Llama2.Tensors;
using Llama2.Tests.Tensors;

namespace Llama2.Tests;

/// <summary>
/// Digests of what the library computes where runtimes could differ: conversions of numbers, quantized weights, products, and the logits and texts of a
/// model. tests/net11/run.sh compares those of .NET 10 and .NET 11 on the same processor.
/// </summary>
public static class RuntimeDigests
{
    private const int ColumnCount = 256;
    private const string Prompt = "Once upon a time, there was a little boat that";

    /// <summary>Writes a line for each computation: its name and the first 16 hexadecimal digits of the SHA-256 of the bytes that it gives.</summary>
    public static void Write(TextWriter output)
    {
        foreach (GgmlType type in WeightFormats.Supported)
        {
            output.WriteLine($"encode {type} {Encode(type)}");
            output.WriteLine($"decode {type} {Decode(type)}");
            output.WriteLine($"multiply {type} {Multiply(type)}");
        }

        foreach (GgmlType type in (GgmlType[])[GgmlType.F16, GgmlType.BF16])
        {
            output.WriteLine($"encode any float as {type} {EncodeAnyFloat(type)}");
            output.WriteLine($"decode any {type} {DecodeAny(type)}");
        }

        foreach (KeyValueCacheType type in Enum.GetValues<KeyValueCacheType>())
        {
            using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { KeyValueCacheType = type });
            int[] tokens = [.. model.Tokenizer.Encode(Prompt)];
            output.WriteLine($"logits with {type} {Digest(model.ComputeLogitsAsync(tokens).Result)}");
            output.WriteLine($"texts with {type} {Texts(model)}");
        }
    }

    // Rows of random numbers of every magnitude that a float has, and rows with zeros, equal numbers and numbers at the ends of the range.
    private static string Encode(GgmlType type)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        RowEncoder encoder = WeightFormats.Of(type).CreateEncoder();
        byte[] blocks = new byte[GgmlTypes.RowByteSize(type, ColumnCount)];
        var random = new Random(1);
        for (int exponent = -45; exponent <= 38; exponent++)
        {
            foreach (float special in (float[])[0, -0f, 1, -1, float.Epsilon, float.MaxValue, float.MinValue])
            {
                float[] row = [.. Enumerable.Range(0, ColumnCount).Select(i => i % 8 == 7 ? special : (2 * random.NextSingle() - 1) * MathF.Pow(10, exponent))];
                float[] importance = [.. row.Select(_ => random.NextSingle())];
                Array.Clear(blocks);
                digest.AppendData([(byte)(encoder.TryEncode(row, exponent % 2 == 0 ? importance : [], blocks) ? 1 : 0)]);
                digest.AppendData(blocks);
            }
        }

        return Text(digest);
    }

    private static string Decode(GgmlType type)
    {
        float[] weights = new float[64 * ColumnCount];
        WeightFormats.Dequantize(type, RandomBlocks.Make(type, 64, ColumnCount, new Random(2), largestScale: 60_000), weights);
        return Digest(weights);
    }

    private static string Multiply(GgmlType type)
    {
        var random = new Random(3);
        byte[] rows = RandomBlocks.Make(type, 40, 2 * ColumnCount, random);
        using WeightMatrix matrix = WeightMatrixTests.Fill(type, rows, 40, 2 * ColumnCount, WeightMatrixFactory.BestTier);
        float[][] tokens = WeightMatrixTests.RandomTokens(random, 17, 2 * ColumnCount);
        return Digest([.. ((int[])[1, 17]).SelectMany(count => WeightMatrixTests.Multiply(matrix, tokens, count, null)).SelectMany(product => product)]);
    }

    // Among the bits are those of infinities, of NaN and of subnormal numbers.
    private static string EncodeAnyFloat(GgmlType type)
    {
        float[] numbers = [.. Enumerable.Range(0, 1 << 22).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 1021))];
        byte[] blocks = new byte[2 * numbers.Length];
        WeightFormats.Of(type).CreateEncoder().TryEncode(numbers, [], blocks);
        return Digest(blocks);
    }

    private static string DecodeAny(GgmlType type)
    {
        ushort[] bits = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];
        float[] numbers = new float[bits.Length];
        WeightFormats.Dequantize(type, MemoryMarshal.AsBytes<ushort>(bits), numbers);
        return Digest(numbers);
    }

    private static string Texts(LlamaModel model)
    {
        var texts = new StringBuilder();
        for (int seed = 0; seed < 8; seed++)
        {
            var options = new GenerationOptions { MaxTokens = 100, Seed = (ulong)seed, Temperature = 0.25f * seed };
            texts.Append(CultureInfo.InvariantCulture, $"{model.GenerateTextAsync(Prompt, options).Result.Text}\n");
        }

        return Digest(Encoding.UTF8.GetBytes(texts.ToString()));
    }

    private static string Digest(float[] numbers) => Digest(MemoryMarshal.AsBytes<float>(numbers));

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes)[..8]);

    private static string Text(IncrementalHash digest) => Convert.ToHexStringLower(digest.GetHashAndReset()[..8]);
}
