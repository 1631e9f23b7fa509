using Llama2.Server.Requests;

namespace Llama2.Server.LlamaCpp;

/// <summary>How tokens are chosen, in llama.cpp's fields: read from requests, and reported by <c>GET /props</c>. All defaults are those of the server's options.</summary>
internal sealed record SamplingSettings
{
    private const int MaxStopCount = 64;
    private const float MaxFactor = 100;

    public long Seed { get; init; }

    public float Temperature { get; init; }

    public float DynatempRange { get; init; }

    public float DynatempExponent { get; init; }

    public int TopK { get; init; }

    public float TopP { get; init; }

    public float MinP { get; init; }

    public float TypicalP { get; init; }

    public float XtcProbability { get; init; }

    public float XtcThreshold { get; init; }

    public float RepeatPenalty { get; init; }

    public int RepeatLastN { get; init; }

    public float PresencePenalty { get; init; }

    public float FrequencyPenalty { get; init; }

    public float DryMultiplier { get; init; }

    public float DryBase { get; init; }

    public int DryAllowedLength { get; init; }

    public int DryPenaltyLastN { get; init; }

    public IReadOnlyList<string> DrySequenceBreakers { get; init; } = [];

    /// <summary>2 if Mirostat chooses the tokens, else 0.</summary>
    public int Mirostat { get; init; }

    public float MirostatTau { get; init; }

    public float MirostatEta { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>The maximum number of tokens; -1 for no limit but the context.</summary>
    public int NPredict { get; init; }

    public bool IgnoreEos { get; init; }

    /// <summary>The settings of options.</summary>
    public static SamplingSettings Of(GenerationOptions options) => new()
    {
        Seed = options.Seed is { } seed ? unchecked((long)seed) : -1,
        Temperature = options.Temperature,
        DynatempRange = options.DynamicTemperatureRange,
        DynatempExponent = options.DynamicTemperatureExponent,
        TopK = options.TopK,
        TopP = options.TopP,
        MinP = options.MinP,
        TypicalP = options.TypicalP,
        XtcProbability = options.XtcProbability,
        XtcThreshold = options.XtcThreshold,
        RepeatPenalty = options.RepetitionPenalty,
        RepeatLastN = options.PenaltyWindow,
        PresencePenalty = options.PresencePenalty,
        FrequencyPenalty = options.FrequencyPenalty,
        DryMultiplier = options.DryMultiplier,
        DryBase = options.DryBase,
        DryAllowedLength = options.DryAllowedLength,
        DryPenaltyLastN = options.DryWindow ?? -1,
        DrySequenceBreakers = options.DrySequenceBreakers,
        Mirostat = options.MirostatTau > 0 ? 2 : 0,
        MirostatTau = options.MirostatTau,
        MirostatEta = options.MirostatEta,
        Stop = options.StopSequences,
        NPredict = options.MaxTokens ?? -1,
        IgnoreEos = options.IgnoreEndOfSequence,
    };

    /// <summary>Reads the fields of a request, except <c>n_predict</c>.</summary>
    /// <param name="body">The request.</param>
    /// <param name="defaults">The values of fields that the request does not state.</param>
    public static GenerationOptions Read(RequestObject body, GenerationOptions defaults)
    {
        GenerationOptions options = ReadDry(body, ReadFilters(body, defaults)) with
        {
            RepetitionPenalty = body.Take("repeat_penalty")?.Number(0.01f, MaxFactor) ?? defaults.RepetitionPenalty,
            PenaltyWindow = body.Take("repeat_last_n")?.Integer(0, int.MaxValue) ?? defaults.PenaltyWindow,
            PresencePenalty = body.Take("presence_penalty")?.Number(-2, 2) ?? defaults.PresencePenalty,
            FrequencyPenalty = body.Take("frequency_penalty")?.Number(-2, 2) ?? defaults.FrequencyPenalty,
            IgnoreEndOfSequence = body.Take("ignore_eos")?.Flag() ?? defaults.IgnoreEndOfSequence,
            ReusePrefix = body.Take("cache_prompt")?.Flag() ?? defaults.ReusePrefix,
            StopSequences = body.Take("stop") is { } stop ? [.. stop.List(0, MaxStopCount).Select(ReadStop)] : defaults.StopSequences,
            LogProbabilities = false,
            TopLogProbabilityCount = 0,
        };
        // As in llama.cpp, -1 stands for a random seed.
        if (body.Take("seed") is { } seed)
            options = options with { Seed = seed.Integer(-1, uint.MaxValue) is var value && value >= 0 ? (ulong)value : null };
        return ReadMirostat(body, options);
    }

    private static GenerationOptions ReadFilters(RequestObject body, GenerationOptions defaults) => defaults with
    {
        Temperature = body.Take("temperature")?.Number(0, MaxFactor) ?? defaults.Temperature,
        DynamicTemperatureRange = body.Take("dynatemp_range")?.Number(0, MaxFactor) ?? defaults.DynamicTemperatureRange,
        DynamicTemperatureExponent = body.Take("dynatemp_exponent")?.Number(0, MaxFactor) ?? defaults.DynamicTemperatureExponent,
        TopK = body.Take("top_k")?.Integer(0, int.MaxValue) ?? defaults.TopK,
        TopP = body.Take("top_p")?.Number(0, 1) ?? defaults.TopP,
        MinP = body.Take("min_p")?.Number(0, 1) ?? defaults.MinP,
        TypicalP = body.Take("typical_p")?.Number(0, 1) ?? defaults.TypicalP,
        XtcProbability = body.Take("xtc_probability")?.Number(0, 1) ?? defaults.XtcProbability,
        XtcThreshold = body.Take("xtc_threshold")?.Number(0, 1) ?? defaults.XtcThreshold,
    };

    private static GenerationOptions ReadDry(RequestObject body, GenerationOptions defaults)
    {
        GenerationOptions options = defaults with
        {
            DryMultiplier = body.Take("dry_multiplier")?.Number(0, MaxFactor) ?? defaults.DryMultiplier,
            DryBase = body.Take("dry_base")?.Number(1, MaxFactor) ?? defaults.DryBase,
            DryAllowedLength = body.Take("dry_allowed_length")?.Integer(1, int.MaxValue) ?? defaults.DryAllowedLength,
        };
        // -1 stands for the whole context.
        if (body.Take("dry_penalty_last_n") is { } window)
            options = options with { DryWindow = window.Integer(-1, int.MaxValue) is var count and >= 0 ? count : null };
        return body.Take("dry_sequence_breakers") is { } breakers
            ? options with { DrySequenceBreakers = [.. breakers.List(0, GenerationOptions.MaxDrySequenceBreakerCount).Select(ReadBreaker)] }
            : options;
    }

    // The library has version 2 of Mirostat, which a target above 0 turns on.
    private static GenerationOptions ReadMirostat(RequestObject body, GenerationOptions options)
    {
        RequestValue? version = body.Take("mirostat"), target = body.Take("mirostat_tau"), rate = body.Take("mirostat_eta");
        float tau = target?.Number(0, MaxFactor) ?? (options.MirostatTau > 0 ? options.MirostatTau : 5);
        options = options with { MirostatEta = rate?.Number(0, 1) ?? options.MirostatEta };
        return version switch
        {
            null => options,
            { } value when value.Integer(0, 2) == 0 => options with { MirostatTau = 0 },
            { } value when value.Integer(0, 2) == 2 => options with { MirostatTau = tau },
            { } value => throw value.Refuse("is 1; supported: 0 and 2.", "unsupported_value"),
        };
    }

    private static string ReadStop(RequestValue text) => text.Text(1, GenerationOptions.MaxStopSequenceLength);

    private static string ReadBreaker(RequestValue text) => text.Text(1, GenerationOptions.MaxDrySequenceBreakerLength);
}
