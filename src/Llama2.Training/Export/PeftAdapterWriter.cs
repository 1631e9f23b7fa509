using System.Text.Json;
using Llama2.Adapters;
using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.SafeTensors;
using Llama2.Tokenization;
using Llama2.Training.Model;
using Llama2.Training.Tensors;

namespace Llama2.Training.Export;

/// <summary>
/// Writes adapters as PEFT's folder: <c>adapter_config.json</c>, <c>adapter_model.safetensors</c>, and the tokenizer if tokens were added.
/// </summary>
internal static class PeftAdapterWriter
{
    private const string Magnitudes = ".lora_magnitude_vector";

    private static readonly JsonWriterOptions s_indented = new() { Indented = true, NewLine = "\n" };

    /// <param name="path">The folder to create.</param>
    /// <param name="parameters">The trained parameters.</param>
    /// <param name="options">How they were trained.</param>
    /// <param name="layout">The layout of the adapter.</param>
    /// <param name="vocabulary">The vocabulary with the added tokens at its end; null if none were added.</param>
    /// <param name="addedCount">The number of added tokens.</param>
    /// <param name="shape">The model's shape.</param>
    /// <param name="records">How they were trained.</param>
    /// <exception cref="IOException">The folder exists, or cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<Parameter> parameters, LoraOptions options, LoraLayout layout, Vocabulary? vocabulary, int addedCount, ModelConfiguration shape, IReadOnlyList<AdapterTrainingRecord> records)
    {
        using var folder = new AtomicFolder(path);
        folder.Write("adapter_config.json", stream => WriteConfiguration(stream, parameters, options, layout, shape));
        folder.Write("adapter_model.safetensors", stream => WriteTensors(stream, parameters, shape));
        if (vocabulary is not null)
        {
            folder.Write("added_tokens.json", stream => WriteAddedTokens(stream, vocabulary, addedCount));
            HuggingFaceDocuments.WriteTokenizer(folder, vocabulary, path, chatTemplate: null);
        }

        if (records.Count > 0)
        {
            folder.Write(TrainingRecordJson.FileName, stream => TrainingRecordJson.Write(stream, records));
        }

        folder.Commit();
    }

    private static void WriteAddedTokens(Stream stream, Vocabulary vocabulary, int count)
    {
        using var json = new Utf8JsonWriter(stream, s_indented);
        json.WriteStartObject();
        for (int id = vocabulary.Count - count; id < vocabulary.Count; id++)
        {
            json.WriteNumber(vocabulary.Pieces.Span(id), id);
        }

        json.WriteEndObject();
    }

    private static void WriteConfiguration(Stream stream, IReadOnlyList<Parameter> parameters, LoraOptions options, LoraLayout layout, ModelConfiguration shape)
    {
        using var json = new Utf8JsonWriter(stream, s_indented);
        json.WriteStartObject();
        json.WriteString("peft_type", "LORA");
        json.WriteString("task_type", "CAUSAL_LM");
        json.WriteNumber("r", layout.Rank);
        json.WriteNumber("lora_alpha", layout.Alpha);
        json.WriteNumber("lora_dropout", options.Dropout);
        json.WriteBoolean("use_rslora", layout.IsRankStabilized);
        json.WriteBoolean("use_dora", layout.HasMagnitudes);
        json.WriteString("bias", "none");
        json.WriteBoolean("fan_in_fan_out", false);
        json.WriteBoolean("inference_mode", true);
        json.WriteNull("base_model_name_or_path");
        json.WriteStartArray("target_modules");
        foreach ((string module, _) in ModulesWith(layout, shape, adapted => adapted is null ? (bool?)null : true))
        {
            json.WriteStringValue(module);
        }

        json.WriteEndArray();
        WritePattern(json, "rank_pattern", ModulesWith(layout, shape, adapted => adapted?.Rank == layout.Rank ? null : adapted?.Rank), json.WriteNumber);
        WritePattern(json, "alpha_pattern", ModulesWith(layout, shape, adapted => adapted?.Alpha == layout.Alpha ? null : adapted?.Alpha), json.WriteNumber);
        WriteSavedModules(json, options, shape.Family.Tensors);
        WriteRows(json, parameters, shape.Family.Tensors);
        json.WriteEndObject();
    }

    private static void WriteSavedModules(Utf8JsonWriter json, LoraOptions options, TensorRoles table)
    {
        if (options.SavedModules == SavedModules.None)
        {
            json.WriteNull("modules_to_save");
            return;
        }

        json.WriteStartArray("modules_to_save");
        foreach (TensorRole role in table.Roles.Where(options.Saves))
        {
            json.WriteStringValue(PeftModules.NameOf(role));
        }

        json.WriteEndArray();
    }

    private static void WriteRows(Utf8JsonWriter json, IReadOnlyList<Parameter> parameters, TensorRoles table)
    {
        Parameter[] rows = [.. parameters.Where(parameter => parameter.ReplacedRows is not null)];
        if (rows.Length == 0)
        {
            json.WriteNull("trainable_token_indices");
            return;
        }

        json.WriteStartObject("trainable_token_indices");
        foreach (Parameter parameter in rows)
        {
            json.WriteStartArray(PeftModules.NameOf(table.Find(NameSpace.Gguf, parameter.Name[..^AdapterKeys.RowsSuffix.Length])!.Value.Role)!);
            foreach (int token in parameter.ReplacedRows!)
            {
                json.WriteNumberValue(token);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WritePattern<T>(Utf8JsonWriter json, string name, IEnumerable<(string Module, T Value)> modules, Action<string, T> write)
    {
        json.WriteStartObject(name);
        foreach ((string module, T value) in modules)
        {
            write(module, value);
        }

        json.WriteEndObject();
    }

    // The modules for which there is a value. If all layers' modules of a kind have the same value, the name of the kind stands for all of them, as in
    // PEFT's own files.
    private static IEnumerable<(string Module, T Value)> ModulesWith<T>(LoraLayout layout, ModelConfiguration shape, Func<LoraShape?, T?> valueOf)
        where T : struct
    {
        foreach (TensorRole role in shape.Family.Tensors.OfLayer.Where(role => role.TakesLora))
        {
            T?[] values = [.. Enumerable.Range(0, shape.LayerCount).Select(layer => valueOf(layout.Shapes.TryGetValue(role.Name(layer), out LoraShape adapted) ? adapted : null))];
            if (values[0] is { } first && Array.TrueForAll(values, value => Equals(value, values[0])))
            {
                yield return (role.ModuleName!, first);
                continue;
            }

            for (int layer = 0; layer < values.Length; layer++)
            {
                if (values[layer] is { } value)
                {
                    yield return (LoraLayout.ModuleOf(role, layer), value);
                }
            }
        }
    }

    private static void WriteTensors(Stream stream, IReadOnlyList<Parameter> parameters, ModelConfiguration shape)
    {
        (Parameter Parameter, string Name, TensorRole Role)[] tensors = [.. parameters.Select(parameter => Describe(parameter, shape.Family.Tensors))];
        SafeTensorsWriter.WriteHeader(
            stream, tensors.Select(tensor => new SafeTensorsEntry(
                tensor.Name, "F32", [.. GgufParameters.DimensionsOf(tensor.Parameter).Reverse()], Offset: -1, tensor.Parameter.Values.Length * sizeof(float), EntryOffset: null)));
        foreach ((Parameter parameter, string name, TensorRole role) in tensors)
        {
            Matrix values = parameter.Values;
            // The magnitudes of all rows are one row.
            bool isVector = name.EndsWith(Magnitudes, StringComparison.Ordinal), isRotated = role.IsRotated && (isVector || name.EndsWith(".lora_B.weight", StringComparison.Ordinal));
            for (int row = 0; row < (isVector ? values.ColumnCount : values.RowCount); row++)
            {
                int source = isRotated ? (int)HeadRows.FromHuggingFace(row, shape.HeadLength) : row;
                stream.Write(isVector ? values.RowBytes(0).Slice(source * sizeof(float), sizeof(float)) : values.RowBytes(source));
            }
        }
    }

    // Converts a name to PEFT's: blk.0.attn_q.weight.lora_a becomes base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight, and token_embd.weight
    // becomes base_model.model.model.embed_tokens.weight.
    private static (Parameter Parameter, string Name, TensorRole Role) Describe(Parameter parameter, TensorRoles table)
    {
        if (table.Find(NameSpace.Gguf, parameter.Name) is (var whole, var layerOfWhole))
        {
            return (parameter, $"base_model.model.{whole.NameIn(NameSpace.HuggingFace, layerOfWhole)}", whole);
        }

        (TensorRole role, int layer) = table.Find(NameSpace.Gguf, parameter.Name[..parameter.Name.LastIndexOf('.')])!.Value;
        string part = parameter.Name[parameter.Name.LastIndexOf('.')..] switch
        {
            LoraProjection.SuffixA => ".lora_A.weight",
            LoraProjection.SuffixB => ".lora_B.weight",
            AdapterKeys.RowsSuffix => ".token_adapter.trainable_tokens_delta",
            _ => Magnitudes,
        };
        return (parameter, $"base_model.model.{LoraLayout.ModuleOf(role, layer)}{part}", role);
    }
}
