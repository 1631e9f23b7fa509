using System.Text.Json;
using Llama2.Formats;
using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

/// <summary>Files that other programs wrote.</summary>
public class GgufFileGoldenTests
{
    public static TheoryData<string> GoldenModels
    {
        get
        {
            var models = new TheoryData<string>();
            if (RepositoryFiles.HasShared)
            {
                foreach (JsonElement entry in Index())
                    models.Add(entry.GetProperty("model").GetString()!);
            }
            else
            {
                models.Add("");
            }

            return models;
        }
    }

    [GoldenTheory]
    [MemberData(nameof(GoldenModels))]
    public void Open_GoldenModel_HasTheTensorsThatItsIndexSays(string model)
    {
        JsonElement entry = Index().Single(e => e.GetProperty("model").GetString() == model);
        string path = RepositoryFiles.Golden(model.Split('/'));
        using GgufFile file = GgufFile.Open(path);
        using GgufFile mapped = GgufFile.Open(path, memoryMapped: true);
        var metadata = new MetadataReader(file);

        file.FormatName.Should().Be("GGUF v3");
        metadata.GetString("general.architecture").Should().Be("llama");
        metadata.GetStringArray("tokenizer.ggml.tokens").Should().HaveCount(entry.GetProperty("vocab").GetInt32());
        file.Tensors.Select(t => t.Type.ToString()).Distinct()
            .Should().BeEquivalentTo(entry.GetProperty("tensor_types").EnumerateArray().Select(t => t.GetString()));
        file.Tensors.Count(t => t.Name.EndsWith(".ffn_down.weight", StringComparison.Ordinal))
            .Should().Be(metadata.GetInt32("llama.block_count", 1, 80));
        foreach (TensorDescription tensor in file.Tensors)
        {
            mapped.TryGetTensor(tensor.Name, out TensorDescription? same).Should().BeTrue();
            GgufFileTests.Read(file, tensor).AsSpan().SequenceEqual(GgufFileTests.Read(mapped, same!)).Should().BeTrue();
        }

        // The expected values are the first two rows of one tensor, dequantized by GGML. The length of the rows is compared for all types, their bits
        // only for types that .NET can convert.
        float[] expected = Singles(Path.Combine(Path.GetDirectoryName(path)!, entry.GetProperty("rows").GetString()!));
        file.TryGetTensor("blk.0.ffn_down.weight", out TensorDescription? down).Should().BeTrue();
        (down!.RowLength * 2).Should().Be(expected.Length);
        byte[] rows = GgufFileTests.Read(file, down)[..(int)(2 * down.RowByteSize)];
        if (down.Type == GgmlType.F32)
            Enumerable.Range(0, expected.Length).Select(i => BitConverter.ToSingle(rows, 4 * i)).Should().Equal(expected);
        else if (down.Type == GgmlType.F16)
            Enumerable.Range(0, expected.Length).Select(i => (float)BitConverter.ToHalf(rows, 2 * i)).Should().Equal(expected);
    }

    [GoldenFact]
    public void Open_VocabularyOfLlama2_HasItsTokensScoresAndTypes()
    {
        using GgufFile file = GgufFile.Open(RepositoryFiles.Golden("tokenizer", "ggml-vocab-llama-spm.gguf"));
        var metadata = new MetadataReader(file);

        string[] tokens = metadata.GetStringArray("tokenizer.ggml.tokens");
        tokens.Should().HaveCount(32_000);
        tokens[..4].Should().Equal("<unk>", "<s>", "</s>", "<0x00>");
        tokens[259].Should().Be("▁▁");
        metadata.GetSingleArray("tokenizer.ggml.scores").Should().HaveCount(32_000);
        metadata.GetInt32Array("tokenizer.ggml.token_type", 1, 6)[..4].Should().Equal(2, 3, 3, 6);
        file.Tensors.Should().BeEmpty();
    }

    private static JsonElement.ArrayEnumerator Index() =>
        JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Golden("index.json"))).RootElement.EnumerateArray();

    private static float[] Singles(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, 4 * i))];
    }
}
