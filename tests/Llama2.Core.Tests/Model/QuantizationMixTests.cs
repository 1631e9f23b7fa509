using System.Text.Json;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Model;
using Llama2.Quantization;

namespace Llama2.Tests.Model;

/// <summary>The expected types are those that llama.cpp chose, recorded by tests/Reference/quantization_mixes.py.</summary>
public class QuantizationMixTests
{
    private static readonly Lazy<Case[]> s_cases = new(ReadCases);

    public static TheoryData<ModelQuantization> Quantizations => [.. Enum.GetValues<ModelQuantization>()];

    [Theory]
    [MemberData(nameof(Quantizations))]
    public void TypeOf_EveryTensor_IsWhatLlamaCppGives(ModelQuantization quantization)
    {
        Case[] cases = [.. s_cases.Value.Where(entry => entry.Mix == quantization.ToString())];
        cases.Should().HaveCount(14, "seven shapes, with and without an importance matrix");
        foreach (Case entry in cases)
        {
            var mix = Mix(quantization, entry.Layers, entry.Heads, entry.KeyValueHeads, entry.Importance);
            bool isTied = entry.Output is null;

            TypeOf("token_embd.weight", entry.Width, 64).Should().Be(entry.Embedding, $"of {entry}");
            TypeOf("output.weight", entry.Width, 64).Should().Be(entry.Output ?? TypeOf("output.weight", entry.Width, 64), $"of {entry}");
            TypeOf("output_norm.weight", entry.Width, 1).Should().Be("F32");
            for (int layer = 0; layer < entry.Layers; layer++)
            {
                TypeOf($"blk.{layer}.attn_v.weight", entry.Width, 32).Should().Be(entry.AttentionValue[layer], $"of layer {layer} of {entry}");
                TypeOf($"blk.{layer}.attn_output.weight", entry.Width, 32).Should().Be(entry.AttentionOutput[layer], $"of layer {layer} of {entry}");
                TypeOf($"blk.{layer}.ffn_down.weight", entry.FeedForward, 32).Should().Be(entry.FeedForwardDown[layer], $"of layer {layer} of {entry}");
                foreach (string rest in new[] { "attn_q", "attn_k", "ffn_gate", "ffn_up" })
                {
                    TypeOf($"blk.{layer}.{rest}.weight", entry.Width, 32).Should().Be(entry.Rest, $"of {rest} of {entry}");
                }
            }

            string TypeOf(string tensor, int rowLength, int rowCount)
                => mix.TypeOf(new TensorDescription(tensor, GgmlType.F16, [rowLength, rowCount], 0, 0), isTied).ToString();
        }
    }

    [Fact]
    public void TypeOf_Pure_IsOneFormatForAllMatrices()
    {
        var mix = Mix(ModelQuantization.Q4_K_M, 32, 32, 32);

        Of("output.weight", 256).Should().Be(GgmlType.Q4_K);
        Of("blk.0.attn_v.weight", 256).Should().Be(GgmlType.Q4_K);
        Of("blk.0.ffn_down.weight", 352).Should().Be(GgmlType.Q5_0);
        Of("blk.0.ffn_down.weight", 172).Should().Be(GgmlType.F16);

        GgmlType Of(string tensor, int rowLength) => mix.TypeOf(new TensorDescription(tensor, GgmlType.F32, [rowLength, 4], 0, 0), isTied: false, isPure: true);
    }

    [Theory]
    [InlineData("blk.0.attn_norm.weight", 1)]
    [InlineData("rope_freqs.weight", 1)]
    [InlineData("blk.0.attn_q.bias", 2)]
    public void TypeOf_WhatIsNoMatrix_IsF32(string name, int rowCount)
        => Mix(ModelQuantization.Q4_0, 2, 2, 2).TypeOf(new TensorDescription(name, GgmlType.F16, [64, rowCount], 0, 0), isTied: false).Should().Be(GgmlType.F32);

    [Fact]
    public void BaseType_OfEachQuantization_IsAFormatThatIsRead()
    {
        foreach (ModelQuantization quantization in Enum.GetValues<ModelQuantization>())
        {
            WeightFormats.IsSupported(quantization.BaseType()).Should().BeTrue($"{quantization} is of a format that is read");
        }
    }

    private static QuantizationMix Mix(ModelQuantization quantization, int layerCount, int headCount, int keyValueHeadCount, bool hasImportance = false) =>
        new(quantization, LlamaTensors.All, new ModelDimensions(layerCount, Embedding: 0, headCount, keyValueHeadCount, FeedForward: 0, Vocabulary: 0), hasImportance);

    private static Case[] ReadCases()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Committed("tests", "data", "quantization-mixes.json")));
        return
        [
            .. file.RootElement.EnumerateArray().Select(entry => new Case(
                entry.GetProperty("mix").GetString()!,
                entry.GetProperty("layers").GetInt32(),
                entry.GetProperty("heads").GetInt32(),
                entry.GetProperty("key_value_heads").GetInt32(),
                entry.GetProperty("width").GetInt32(),
                entry.GetProperty("feed_forward").GetInt32(),
                entry.GetProperty("importance").GetBoolean(),
                entry.GetProperty("embedding").GetString()!,
                entry.GetProperty("output").GetString(),
                entry.GetProperty("rest").GetString()!,
                ReadRuns(entry.GetProperty("attn_v")),
                ReadRuns(entry.GetProperty("attn_output")),
                ReadRuns(entry.GetProperty("ffn_down")))),
        ];
    }

    // "Q6_K*2 Q4_K*1" states types and the number of layers that have each.
    private static string[] ReadRuns(JsonElement runs)
        => [.. runs.GetString()!.Split(' ').Select(run => run.Split('*')).SelectMany(run => Enumerable.Repeat(run[0], int.Parse(run[1], System.Globalization.CultureInfo.InvariantCulture)))];

    private sealed record Case(
        string Mix, int Layers, int Heads, int KeyValueHeads, int Width, int FeedForward, bool Importance, string Embedding, string? Output, string Rest,
        string[] AttentionValue, string[] AttentionOutput, string[] FeedForwardDown);
}
