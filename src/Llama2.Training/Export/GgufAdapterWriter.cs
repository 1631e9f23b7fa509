using Llama2.Architectures;
using Llama2.Formats.Gguf;
using Llama2.Tokenization;
using Llama2.Training.Tensors;

namespace Llama2.Training.Export;

/// <summary>Writes adapters as GGUF, with the names that llama.cpp's <c>convert_lora_to_gguf.py</c> gives them.</summary>
internal static class GgufAdapterWriter
{
    /// <exception cref="IOException">The file cannot be written to this path.</exception>
    public static void Write(string path, IReadOnlyList<Parameter> parameters, LoraOptions options, IReadOnlyList<NewToken> tokens, ModelConfiguration shape)
    {
        using var writer = new GgufWriter(path);
        foreach ((string key, object value) in Metadata(options, tokens, shape))
        {
            writer.Add(key, value);
        }

        GgufParameters.Write(writer, parameters);
    }

    /// <summary>The metadata of the file.</summary>
    public static Dictionary<string, object> Metadata(LoraOptions options, IReadOnlyList<NewToken> tokens, ModelConfiguration shape)
    {
        var metadata = new Dictionary<string, object>
        {
            [GeneralKeys.Architecture] = shape.Architecture,
            [GeneralKeys.Type] = "adapter",
            [GeneralKeys.Name] = shape.Name,
            [AdapterKeys.Type] = "lora",
            // Programs that load this file divide alpha by the rank to get the scale, even if the adapter was trained with rank stabilization. So the
            // written alpha is the scale times the rank.
            [AdapterKeys.LoraAlpha] = options.Scale * options.Rank,
        };
        if (tokens.Count > 0)
        {
            metadata[AdapterKeys.AddedTokens] = tokens.Select(token => token.Text).ToArray();
            metadata[AdapterKeys.AddedTokenTypes] = tokens.Select(token => (int)(token.IsSpecial ? PieceType.Control : PieceType.UserDefined)).ToArray();
        }

        return metadata;
    }
}
