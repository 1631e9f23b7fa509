using System.Globalization;

namespace Llama2.Server.Requests;

/// <summary>Reads the fields that say how tokens are chosen and where the text ends; chats and completions have them in common.</summary>
internal static class SamplingFields
{
    private const int MaxStopCount = 4;

    /// <summary>Reads the fields.</summary>
    /// <param name="body">The request.</param>
    /// <param name="defaults">The values of fields that the request does not state.</param>
    public static GenerationOptions Read(RequestObject body, GenerationOptions defaults) => defaults with
    {
        Temperature = body.Take("temperature")?.Number(0, 2) ?? defaults.Temperature,
        TopP = body.Take("top_p")?.Number(0, 1) ?? defaults.TopP,
        FrequencyPenalty = body.Take("frequency_penalty")?.Number(-2, 2) ?? defaults.FrequencyPenalty,
        PresencePenalty = body.Take("presence_penalty")?.Number(-2, 2) ?? defaults.PresencePenalty,
        Seed = body.Take("seed")?.Integer(long.MinValue, long.MaxValue) is { } seed ? unchecked((ulong)seed) : defaults.Seed,
        StopSequences = body.Take("stop") is { } stop ? ReadStop(stop) : defaults.StopSequences,
        LogitBias = body.Take("logit_bias") is { } bias ? ReadBias(bias) : defaults.LogitBias,
    };

    /// <summary>Refuses biases of tokens that the model does not have.</summary>
    public static void CheckBiases(GenerationOptions options, ModelTokenizer tokenizer)
    {
        foreach (int token in options.LogitBias.Keys.Where(token => token >= tokenizer.VocabularySize))
        {
            throw new RequestValue(default, "logit_bias")
                .Refuse(string.Create(CultureInfo.InvariantCulture, $"names token {token}; the model's tokens are 0 to {tokenizer.VocabularySize - 1}."));
        }
    }

    private static string[] ReadStop(RequestValue stop)
    {
        if (!stop.IsText && !stop.IsList)
            throw stop.WrongType("a string or a list of strings");
        RequestValue[] texts = stop.IsText ? [stop] : stop.List(0, MaxStopCount);
        return [.. texts.Select(text => text.Text(1, GenerationOptions.MaxStopSequenceLength))];
    }

    private static Dictionary<int, float> ReadBias(RequestValue bias)
    {
        RequestObject fields = bias.Object();
        Dictionary<int, float> biases = [];
        foreach (string name in fields.Names)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int token))
                throw bias.Refuse("has a key that is not the id of a token.");
            biases[token] = fields.Require(name).Number(-100, 100);
        }

        return biases;
    }
}
