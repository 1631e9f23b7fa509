using Llama2.Formats;

namespace Llama2.Fuzz;

/// <summary>Every reader of the library, by its name on the command line.</summary>
internal static class FuzzTargets
{
    /// <summary>Creates a target; its seeds are generated or read only then.</summary>
    public static IReadOnlyDictionary<string, Func<FuzzTarget>> All { get; } = new SortedDictionary<string, Func<FuzzTarget>>(StringComparer.Ordinal)
    {
        ["adapter"] = ModelTargets.Adapter,
        ["adapter-peft"] = ModelTargets.PeftAdapter,
        ["data-csv"] = DataTargets.CommaSeparated,
        ["data-json"] = DataTargets.Json,
        ["data-parquet"] = DataTargets.Parquet,
        ["dataset"] = TextTargets.Dataset,
        ["dataset-info"] = TextTargets.DatasetDescription,
        ["gguf"] = ModelTargets.Gguf,
        ["gguf-split"] = () => ModelTargets.Folder("gguf-split", "model-00002-of-00003.gguf"),
        ["huggingface"] = () => ModelTargets.Folder("huggingface-sharded", ""),
        ["huggingface-single"] = () => ModelTargets.Folder("huggingface", ""),
        ["imatrix"] = ModelTargets.Imatrix,
        ["llama2c"] = ModelTargets.Llama2C,
        ["meta"] = ModelTargets.Meta,
        ["model"] = ModelTargets.Model,
        ["pickle"] = ModelTargets.Pickle,
        ["pytorch"] = ModelTargets.PyTorch,
        ["pytorch-folder"] = ModelTargets.PyTorchFolder,
        ["safetensors"] = ModelTargets.SafeTensors,
        ["session"] = TextTargets.Session,
        ["template"] = TextTargets.Template,
        ["tokenizer"] = TextTargets.Tokenizer,
    };

    /// <summary>Texts that have a meaning in JSON or for the readers of JSON files.</summary>
    public static IReadOnlyList<string> JsonWords { get; } =
    [
        "null", "true", "false", "0", "-1", "1e999", "1.5", "2147483648", "-9223372036854775809", "\"\"", "{}", "[]", "[[[[", "{\"a\":", "\\ud800", "\\u0000", ",", ":", "\"",
        new string('[', 70), "99999999999999999999999999999999",
    ];

    /// <summary>Reads as much of a model as loading it would.</summary>
    public static void Use(IModelFile file)
    {
        const int MaxPartByteSize = 1 << 16;
        Model.ConfigurationReader.Read(file);
        if (file.Metadata.ContainsKey("tokenizer.ggml.tokens"))
            Tokenization.GgufVocabularyReader.Read(file);
        foreach (TensorDescription tensor in file.Tensors)
        {
            if (Quantization.WeightFormats.IsSupported(tensor.Type))
                file.Read(tensor, 0, new byte[Math.Min(tensor.ByteSize, MaxPartByteSize)]);
        }
    }
}
