namespace Llama2.Tests.Architecture;

/// <summary>The floors of Llama2.Core, as docs/architecture.md draws them.</summary>
internal static class Layers
{
    /// <summary>Each folder's floor: a folder may use those of smaller numbers, and itself.</summary>
    public static IReadOnlyDictionary<string, int> Numbers { get; } = new Dictionary<string, int>
    {
        ["Memory"] = 0,
        ["Threading"] = 0,
        ["Quantization"] = 1,
        ["Kernels"] = 2,
        ["Tensors"] = 3,
        ["Formats"] = 3,
        ["Model"] = 4,
        ["Tokenization"] = 4,
        ["Sampling"] = 4,
        ["Templating"] = 4,
        ["Store"] = 4,
        ["Conversion"] = 5,
        ["Generation"] = 5,
        ["Adapters"] = 6,
        ["Chat"] = 6,
    };

    public static bool MayUse(string user, string used) => user == used || Numbers[user] > Numbers[used];
}
