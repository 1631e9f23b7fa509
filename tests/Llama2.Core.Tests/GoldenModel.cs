using System.Runtime.InteropServices;
using System.Text.Json;

namespace Llama2.Tests;

/// <summary>One entry of the golden index: a small model, and its logits in exact arithmetic.</summary>
public sealed record GoldenModel(string Model, int[] Tokens, int Vocabulary, string[] TensorTypes, double LlamaCppError)
{
    /// <summary>The names of all golden models, for theories; empty if the golden data is absent.</summary>
    public static IEnumerable<object[]> Names => All().Select(model => new object[] { model.Model });

    public string Path => RepositoryFiles.Golden(Model.Split('/'));

    public static IReadOnlyList<GoldenModel> All()
    {
        if (!RepositoryFiles.HasShared)
        {
            return [];
        }

        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Golden("index.json")));
        return
        [
            .. index.RootElement.EnumerateArray().Select(entry => new GoldenModel(
                entry.GetProperty("model").GetString()!,
                [.. entry.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())],
                entry.GetProperty("vocab").GetInt32(),
                [.. entry.GetProperty("tensor_types").EnumerateArray().Select(type => type.GetString()!)],
                entry.GetProperty("llama_cpp_relative_error").GetDouble())),
        ];
    }

    public static GoldenModel Find(string name) => All().Single(model => model.Model == name);

    /// <summary>Exact logits, [tokens, vocabulary].</summary>
    public float[] Logits() => ReadFloats(System.IO.Path.ChangeExtension(Path, ".logits.f32"));

    public static float[] ReadFloats(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();

    /// <summary>‖actual − expected‖ ⁄ ‖expected‖ in double precision.</summary>
    public static double RelativeError(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        actual.Length.Should().Be(expected.Length);
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }
}
