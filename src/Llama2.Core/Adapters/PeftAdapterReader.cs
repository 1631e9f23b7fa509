using System.Diagnostics.CodeAnalysis;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Model;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>Reads adapters as PEFT saves them: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> or <c>adapter_model.bin</c> in a folder.</summary>
internal static class PeftAdapterReader
{
    private const string WeightsName = "adapter_model.safetensors", PyTorchWeightsName = "adapter_model.bin";
    private const string Prefix = "base_model.model.";
    private const string SuffixA = ".lora_A.weight", SuffixB = ".lora_B.weight";
    private const string EmbeddingSuffixA = ".lora_embedding_A", EmbeddingSuffixB = ".lora_embedding_B";

    /// <summary>Opens an adapter's folder.</summary>
    /// <exception cref="ModelFormatException">A file is malformed or missing, or of an adapter that is not supported.</exception>
    public static AdapterFile OpenFolder(string folder)
    {
        var configuration = new PeftConfiguration(folder);
        string? path = Array.Find([Path.Combine(folder, WeightsName), Path.Combine(folder, PyTorchWeightsName)], File.Exists);
        return path is not null
            ? Open(folder, path, configuration)
            : throw new ModelFormatException(folder, -1, WeightsName, "absent", $"the weights are in it or in {PyTorchWeightsName}");
    }

    /// <summary>Opens the weights of an adapter, beside which the configuration lies.</summary>
    /// <exception cref="ModelFormatException">As <see cref="OpenFolder"/>.</exception>
    public static AdapterFile OpenFile(string path) => Open(path, path, new PeftConfiguration(ModelFolder.Of(path)));

    private static AdapterFile Open(string path, string weightsPath, PeftConfiguration configuration)
    {
        var weights = WeightFile.Open(weightsPath);
        try
        {
            ITensorSource[] tensors = [.. weights.Weights.Select(weight => weight.Open(weight.Name, weight.EntryOffset))];
            var file = new ComposedModelFile(weightsPath, $"PEFT {weights.FormatName}", weights.ByteSize, new Dictionary<string, object>(), tensors, [weights]);
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(ModelFolder.Of(weightsPath))));
            return new AdapterFile(file, path, file.FormatName, name, Pair(file, configuration));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private static IEnumerable<AdapterPair> Pair(ComposedModelFile file, PeftConfiguration configuration)
    {
        foreach (TensorDescription description in file.Tensors)
        {
            var tensor = new AdapterTensor(file, description);
            if (TrySplit(tensor.Name, SuffixA, out string? module) || TrySplit(tensor.Name, EmbeddingSuffixA, out module))
            {
                bool isEmbedding = tensor.Name.EndsWith(EmbeddingSuffixA, StringComparison.Ordinal);
                yield return CreatePair(module, tensor, tensor.Other(Prefix + module + (isEmbedding ? EmbeddingSuffixB : SuffixB)), isEmbedding, configuration);
            }
            else if (TrySplit(tensor.Name, SuffixB, out module))
            {
                tensor.Other(Prefix + module + SuffixA);
            }
            else if (TrySplit(tensor.Name, EmbeddingSuffixB, out module))
            {
                tensor.Other(Prefix + module + EmbeddingSuffixA);
            }
            else
            {
                throw tensor.Fault("a tensor named", $"'{tensor.Name}'", $"tensors of an adapter are named {Prefix}MODULE{SuffixA} and {SuffixB}; other changes of a model are not supported: {PeftConfiguration.Remedy}");
            }
        }
    }

    private static AdapterPair CreatePair(string module, AdapterTensor a, AdapterTensor b, bool isEmbedding, PeftConfiguration configuration)
    {
        string name = $"{module}.weight";
        if (!HuggingFaceNames.TryToGguf(name, out string? baseName) || isEmbedding != (baseName == TensorNames.TokenEmbedding))
        {
            throw a.Fault($"what '{a.Name}' changes", $"'{name}'", "Llama has no such tensor, or it is changed otherwise: the adapter was made for another model");
        }

        var pair = new AdapterPair(baseName, a, b) { Scale = configuration.ScaleOf(module), HasHuggingFaceHeads = HuggingFaceNames.IsRotated(name), IsTransposed = isEmbedding };
        return pair.Rank == configuration.RankOf(module)
            ? pair
            : throw b.Fault($"the rank of '{b.Name}'", Invariant($"{pair.Rank:N0}"), Invariant($"{PeftConfiguration.FileName} says {configuration.RankOf(module):N0}: weights and configuration are of different adapters"));
    }

    private static bool TrySplit(string name, string suffix, [NotNullWhen(true)] out string? module)
    {
        bool isSplit = name.Length > Prefix.Length + suffix.Length && name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal);
        module = isSplit ? name[Prefix.Length..^suffix.Length] : null;
        return isSplit;
    }
}
