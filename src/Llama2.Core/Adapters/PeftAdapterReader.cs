using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>Reads adapters as PEFT saves them: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> or <c>adapter_model.bin</c> in a folder.</summary>
internal static class PeftAdapterReader
{
    private const string WeightsName = "adapter_model.safetensors", PyTorchWeightsName = "adapter_model.bin";

    /// <summary>Opens an adapter's folder.</summary>
    /// <exception cref="ModelFormatException">A file is malformed or missing, or the kind of adapter is not supported.</exception>
    public static AdapterFile OpenFolder(string folder)
    {
        var configuration = new PeftConfiguration(folder);
        string? path = Array.Find([Path.Combine(folder, WeightsName), Path.Combine(folder, PyTorchWeightsName)], File.Exists);
        return path is not null
            ? Open(folder, path, configuration)
            : throw new ModelFormatException(folder, null, WeightsName, "absent", $"the weights must be in it or in {PyTorchWeightsName}");
    }

    /// <summary>Opens the file with the weights of an adapter. The adapter's configuration must be in the same folder.</summary>
    /// <exception cref="ModelFormatException">See <see cref="OpenFolder"/>.</exception>
    public static AdapterFile OpenFile(string path) => Open(path, path, new PeftConfiguration(ModelFolder.Of(path)));

    private static AdapterFile Open(string path, string weightsPath, PeftConfiguration configuration)
    {
        var weights = WeightFile.Open(weightsPath);
        try
        {
            ITensorSource[] tensors = [.. weights.Weights.Select(OpenTensor)];
            var file = new ComposedModelFile(weightsPath, $"PEFT {weights.FormatName}", weights.ByteSize, new Dictionary<string, object>(), tensors, [weights]);
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(ModelFolder.Of(weightsPath))));
            List<AdapterPair> pairs = [];
            List<(string BaseName, AdapterTensor Tensor)> magnitudes = [];
            List<BaseCopy> copies = [];
            List<Replacement> replacements = [];
            foreach (TensorDescription description in file.Tensors)
            {
                Add(new AdapterTensor(file, description), configuration, pairs, magnitudes, copies, replacements);
            }

            configuration.RequireRows(replacements);
            return new AdapterFile(file, path, file.FormatName, name, AddMagnitudes(pairs, magnitudes, configuration))
            {
                Copies = copies,
                Replacements = replacements,
                TrainingRecords = TrainingRecordJson.ReadFolder(ModelFolder.Of(weightsPath)),
                ExtendVocabulary = (vocabulary, count) => Extend(vocabulary, count, ModelFolder.Of(weightsPath)),
            }.Checked();
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    // The number of dimensions is checked here, because an opened tensor no longer distinguishes a vector from a matrix of one row. A tensor with a
    // name that PEFT does not use is refused later.
    private static ITensorSource OpenTensor(NamedWeight weight)
    {
        if (PeftTensorName.Parse(weight.Name) is { } name)
        {
            bool isVector = name.Kind == PeftTensorKind.Magnitudes || (name.Other is null && Find(name.Module) is ({ IsVector: true }, _));
            weight.RequireDimensionCount(isVector ? 1 : 2);
        }

        return weight.Open(weight.Name, weight.EntryOffset);
    }

    private static void Add(
        AdapterTensor tensor, PeftConfiguration configuration, List<AdapterPair> pairs, List<(string BaseName, AdapterTensor Tensor)> magnitudes, List<BaseCopy> copies, List<Replacement> replacements)
    {
        switch (PeftTensorName.Parse(tensor.Name))
        {
            case { Kind: PeftTensorKind.A or PeftTensorKind.EmbeddingA } name:
                pairs.Add(CreatePair(name.Module, tensor, tensor.Other(name.Other!), name.Kind == PeftTensorKind.EmbeddingA, configuration));
                break;
            case { Kind: PeftTensorKind.B or PeftTensorKind.EmbeddingB } name:
                tensor.Other(name.Other!);
                break;
            case { Kind: PeftTensorKind.Magnitudes } name when configuration.HasMagnitudes && Find(name.Module) is (var role, var layer):
                magnitudes.Add((role.Name(layer), tensor));
                break;
            case { Kind: PeftTensorKind.Magnitudes } when !configuration.HasMagnitudes:
                throw tensor.Fault("a tensor's name", $"'{tensor.Name}'", $"the adapter has magnitudes, but use_dora is not true in {PeftConfiguration.FileName}: weights and configuration belong to different adapters");
            case { Kind: PeftTensorKind.FrozenCopy } name when Find(name.Module) is (var role, var layer):
                copies.Add(new BaseCopy(role.Name(layer), tensor, role.IsRotated));
                break;
            case { Kind: PeftTensorKind.Replacement } name when Find(name.Module) is (var role, var layer):
                replacements.Add(new Replacement(role.Name(layer), tensor, role.IsRotated));
                break;
            case { Kind: PeftTensorKind.TokenRows } name when Find(name.Module) is ({ Rows: Dimension.Vocabulary } role, _):
                replacements.Add(new Replacement(role.Name(), tensor) { Rows = configuration.TokensOf(name.Module, tensor) });
                break;
            default:
                throw tensor.Fault("a tensor's name", $"'{tensor.Name}'", $"the names of an adapter's tensors must be {PeftTensorName.Prefix}MODULE.lora_A.weight and .lora_B.weight; other changes of a model are not supported: {PeftConfiguration.Remedy}");
        }
    }

    // Either all pairs have magnitudes or none has.
    private static List<AdapterPair> AddMagnitudes(List<AdapterPair> pairs, List<(string BaseName, AdapterTensor Tensor)> magnitudes, PeftConfiguration configuration)
    {
        if (!configuration.HasMagnitudes)
        {
            return pairs;
        }

        foreach ((string baseName, AdapterTensor tensor) in magnitudes)
        {
            if (!pairs.Exists(pair => pair.BaseName == baseName) || magnitudes.Count(other => other.BaseName == baseName) > 1)
            {
                throw tensor.Fault("a tensor's name", $"'{tensor.Name}'", $"there must be exactly one pair and one vector of magnitudes for '{baseName}': the file is incomplete, or mixes two adapters");
            }
        }

        return pairs.ConvertAll(pair => pair with
        {
            Magnitudes = magnitudes.Find(own => own.BaseName == pair.BaseName).Tensor ?? throw pair.A.Fault(
                $"the magnitudes of '{pair.A.Name}'", "absent",
                $"use_dora is true in {PeftConfiguration.FileName}, so each pair must have them, in a vector with one number for each row; magnitudes of embeddings are not supported: {PeftConfiguration.Remedy}"),
        });
    }

    private static AdapterPair CreatePair(string module, AdapterTensor a, AdapterTensor b, bool isEmbedding, PeftConfiguration configuration)
    {
        if (Find(module) is not (var role, var layer) || isEmbedding != (role == LlamaTensors.TokenEmbedding))
        {
            throw a.Fault($"the model tensor that '{a.Name}' changes", $"'{module}.weight'", "Llama has no such tensor, or PEFT uses other names for the tensors that change it: the adapter was made for another model");
        }

        var pair = new AdapterPair(role.Name(layer), a, b) { Scale = configuration.ScaleOf(module), HasHuggingFaceHeads = role.IsRotated, IsTransposed = isEmbedding };
        return pair.Rank == configuration.RankOf(module)
            ? pair
            : throw b.Fault($"the rank of '{b.Name}'", Invariant($"{pair.Rank:N0}"), Invariant($"{PeftConfiguration.FileName} states {configuration.RankOf(module):N0}: weights and configuration belong to different adapters"));
    }

    private static (Vocabulary Vocabulary, string? ChatTemplate) Extend(Vocabulary vocabulary, int count, string folder)
    {
        var tokenizer = new HuggingFaceTokenizer(folder);
        return (tokenizer.Extend(vocabulary, count), tokenizer.ReadChatTemplate());
    }

    private static (TensorRole Role, int Layer)? Find(string module) => ModelArchitecture.FindTensor(NameSpace.HuggingFace, $"{module}.weight");
}
