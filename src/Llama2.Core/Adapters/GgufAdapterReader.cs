using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// Reads adapters that were written by llama.cpp's convert_lora_to_gguf.py, and adapters of this library. These may also contain magnitudes (<c>NAME.lora_magnitude</c>,
/// one number for each row of the tensor NAME), whole tensors with the names that they have in a model, and rows of tensors (<c>NAME.rows</c>); llama.cpp refuses all of these.
/// </summary>
internal static class GgufAdapterReader
{
    private const string SuffixA = ".lora_a", SuffixB = ".lora_b", SuffixMagnitudes = ".lora_magnitude";

    /// <exception cref="ModelFormatException">The file is not a LoRA adapter of a Llama model, or is incomplete.</exception>
    public static AdapterFile Read(IModelFile file)
    {
        var metadata = new MetadataReader(file);
        Require(metadata, GeneralKeys.Type, "adapter", "the file is not an adapter but a model or something else");
        string architecture = metadata.FindString(GeneralKeys.Architecture) ?? "missing";
        if (ModelArchitecture.Find(architecture) is null)
        {
            throw metadata.Fault(GeneralKeys.Architecture, architecture, $"only {ModelArchitecture.Names} is supported: the adapter was made for a model of another kind");
        }

        Require(metadata, AdapterKeys.Type, "lora", "only 'lora' is supported");
        if (file.Metadata.ContainsKey(AdapterKeys.InvocationTokens))
        {
            throw metadata.Fault(AdapterKeys.InvocationTokens, "present", "activated LoRA, which is applied only after certain tokens, is not supported");
        }

        float alpha = metadata.GetSingle(AdapterKeys.LoraAlpha, -1e6f, 1e6f);
        return new AdapterFile(file, file.Path, file.FormatName, metadata.FindString(GeneralKeys.Name) ?? "", Pair(file, alpha))
        {
            Replacements = [.. Replace(file, metadata)],
            TrainingRecords = TrainingRecordJson.Read(metadata.FindString(AdapterKeys.TrainingRecords), file.Path, AdapterKeys.TrainingRecords),
            ExtendVocabulary = (vocabulary, count) => (Extend(vocabulary, count, metadata, file), null),
        }.Checked();
    }

    private static IEnumerable<AdapterPair> Pair(IModelFile file, float alpha)
    {
        foreach (TensorDescription description in file.Tensors)
        {
            var tensor = new AdapterTensor(file, description);
            string baseName = tensor.Name[..^Math.Min(tensor.Name.Length, SuffixA.Length)];
            if (tensor.Name == baseName + SuffixA)
            {
                var pair = new AdapterPair(baseName, tensor, tensor.Other(baseName + SuffixB)) { Scale = 1, Magnitudes = FindMagnitudes(file, baseName) };
                // As in llama.cpp, an alpha of 0 means that the file states no alpha.
                yield return alpha == 0 ? pair : pair with { Scale = alpha / pair.Rank };
            }
            else if (tensor.Name == baseName + SuffixB)
            {
                tensor.Other(baseName + SuffixA);
            }
            else if (tensor.Name.EndsWith(SuffixMagnitudes, StringComparison.Ordinal))
            {
                tensor.Other(tensor.Name[..^SuffixMagnitudes.Length] + SuffixA);
            }
            else if (!IsWhole(tensor.Name) && !HasRows(tensor.Name))
            {
                throw tensor.Fault("a tensor's name", $"'{tensor.Name}'", $"the names of an adapter's tensors must end in '{SuffixA}' or '{SuffixB}', or be the names of tensors of the model, alone or with '{AdapterKeys.RowsSuffix}' after them; other changes of a model are not supported");
            }
        }
    }

    private static AdapterTensor? FindMagnitudes(IModelFile file, string baseName)
    {
        if (!file.TryGetTensor(baseName + SuffixMagnitudes, out TensorDescription? description))
        {
            return null;
        }

        var magnitudes = new AdapterTensor(file, description);
        return baseName != LlamaTensors.TokenEmbedding.Name()
            ? magnitudes
            : throw magnitudes.Fault("a tensor's name", $"'{magnitudes.Name}'", "magnitudes (DoRA) of embeddings are not supported");
    }

    private static IEnumerable<Replacement> Replace(IModelFile file, MetadataReader metadata)
    {
        foreach (AdapterTensor tensor in file.Tensors.Select(description => new AdapterTensor(file, description)))
        {
            if (IsWhole(tensor.Name))
            {
                yield return new Replacement(tensor.Name, tensor);
            }
            else if (HasRows(tensor.Name))
            {
                string baseName = tensor.Name[..^AdapterKeys.RowsSuffix.Length];
                int[] tokens = metadata.GetInt32Array(AdapterKeys.RowsPrefix + baseName, 0, Vocabulary.MaxCount - 1);
                yield return tokens.Length == tensor.RowCount && tokens.Distinct().Count() == tokens.Length
                    ? new Replacement(baseName, tensor) { Rows = tokens }
                    : throw metadata.Fault(AdapterKeys.RowsPrefix + baseName, Invariant($"{tokens.Length:N0} tokens, {tokens.Distinct().Count():N0} of them different"), Invariant($"'{tensor.Name}' has {tensor.RowCount:N0} rows, each of another token"));
            }
        }
    }

    // Rows of tensors that have a row for each token.
    private static bool HasRows(string name)
        => name.EndsWith(AdapterKeys.RowsSuffix, StringComparison.Ordinal) && ModelArchitecture.FindTensor(NameSpace.Gguf, name[..^AdapterKeys.RowsSuffix.Length]) is ({ Rows: Dimension.Vocabulary }, _);

    private static bool IsWhole(string name) => ModelArchitecture.FindTensor(NameSpace.Gguf, name) is not null;

    private static Vocabulary Extend(Vocabulary vocabulary, int count, MetadataReader metadata, IModelFile file)
    {
        string[] texts = metadata.FindStringArray(AdapterKeys.AddedTokens) ?? [];
        if (texts.Length != count - vocabulary.Count)
        {
            throw metadata.Fault(
                AdapterKeys.AddedTokens, Invariant($"{texts.Length:N0} tokens"),
                Invariant($"the adapter has rows for {count:N0} tokens, and the model has {vocabulary.Count:N0}: it was made for a model with another vocabulary"));
        }

        int[] types = metadata.GetInt32Array(AdapterKeys.AddedTokenTypes, (int)PieceType.Control, (int)PieceType.UserDefined);
        return types.Length == texts.Length
            ? AddedTokens.Append(vocabulary, file.Path, [.. texts.Zip(types, (text, type) => (text, type == (int)PieceType.Control))])
            : throw metadata.Fault(AdapterKeys.AddedTokenTypes, Invariant($"{types.Length:N0} types"), Invariant($"there must be one for each of the {texts.Length:N0} tokens"));
    }

    private static void Require(MetadataReader metadata, string key, string expected, string limit)
    {
        string value = metadata.FindString(key) ?? "missing";
        if (value != expected)
        {
            throw metadata.Fault(key, value, limit);
        }
    }
}
