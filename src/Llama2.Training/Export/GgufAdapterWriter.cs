using Llama2.Adapters;
using Llama2.Architectures;
using Llama2.Formats.Gguf;
using Llama2.Tokenization;
using Llama2.Training.Model;
using Llama2.Training.Tensors;

namespace Llama2.Training.Export;

/// <summary>
/// Writes adapters as GGUF, with the names that llama.cpp's <c>convert_lora_to_gguf.py</c> gives them. The file has one alpha for all tensors, and readers
/// divide it by each tensor's own rank. Where this quotient is not the scale of a tensor's adapter, B is multiplied by the rest.
/// </summary>
internal static class GgufAdapterWriter
{
    /// <exception cref="IOException">The file cannot be written to this path.</exception>
    public static void Write(string path, IReadOnlyList<Parameter> parameters, LoraLayout layout, IReadOnlyList<NewToken> tokens, ModelConfiguration shape, IReadOnlyList<AdapterTrainingRecord> records)
    {
        using var writer = new GgufWriter(path);
        foreach ((string key, object value) in Metadata(parameters, layout, tokens, shape))
        {
            writer.Add(key, value);
        }

        if (records.Count > 0)
        {
            writer.Add(AdapterKeys.TrainingRecords, TrainingRecordJson.TextOf(records));
        }

        GgufParameters.Write(writer, parameters, parameter => FactorOf(parameter, layout));
    }

    /// <summary>The metadata of the file.</summary>
    public static Dictionary<string, object> Metadata(IReadOnlyList<Parameter> parameters, LoraLayout layout, IReadOnlyList<NewToken> tokens, ModelConfiguration shape)
    {
        var metadata = new Dictionary<string, object>
        {
            [GeneralKeys.Architecture] = shape.Architecture,
            [GeneralKeys.Type] = "adapter",
            [GeneralKeys.Name] = shape.Name,
            [AdapterKeys.Type] = "lora",
            // Readers divide alpha by the rank even if the adapter was trained with rank stabilization. So the written alpha is the scale times the rank.
            [AdapterKeys.LoraAlpha] = layout.DividedAlpha,
        };
        if (tokens.Count > 0)
        {
            metadata[AdapterKeys.AddedTokens] = tokens.Select(token => token.Text).ToArray();
            metadata[AdapterKeys.AddedTokenTypes] = tokens.Select(token => (int)(token.IsSpecial ? PieceType.Control : PieceType.UserDefined)).ToArray();
        }

        foreach (Parameter parameter in parameters.Where(parameter => parameter.ReplacedRows is not null))
        {
            metadata[AdapterKeys.RowsPrefix + parameter.Name[..^AdapterKeys.RowsSuffix.Length]] = parameter.ReplacedRows!.ToArray();
        }

        return metadata;
    }

    private static float FactorOf(Parameter parameter, LoraLayout layout)
    {
        if (!parameter.Name.EndsWith(LoraProjection.SuffixB, StringComparison.Ordinal))
        {
            return 1;
        }

        LoraShape shape = layout.Shapes[parameter.Name[..^LoraProjection.SuffixB.Length]];
        return shape.Scale * shape.Rank / layout.DividedAlpha;
    }
}
