using System.Collections.Frozen;
using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Llama2;

/// <summary>
/// How text is generated: how the next token is chosen, and when to stop. Immutable and thread-safe; a <c>with</c> expression creates a changed copy.
/// Every property is checked when it is set; a value out of range causes an <see cref="ArgumentOutOfRangeException"/> that names the property, the
/// value and the range. The defaults are those of llama.cpp, except that <see cref="MaxTokens"/> has no hidden limit.
/// </summary>
/// <remarks>
/// A token is chosen in the following steps. All steps after the first are in llama.cpp's order. The steps are <see cref="Constraint"/>,
/// <see cref="LogitBias"/>, the penalties (<see cref="RepetitionPenalty"/>, <see cref="FrequencyPenalty"/>, <see cref="PresencePenalty"/>), DRY
/// (<see cref="DryMultiplier"/>), <see cref="TopK"/>, <see cref="TypicalP"/>, <see cref="TopP"/>, <see cref="MinP"/>, XTC
/// (<see cref="XtcProbability"/>), <see cref="Temperature"/>, then a random draw. Each filter keeps at least one token. Each of the
/// <see cref="LogitProcessors"/> runs before the filters or before the draw. With <see cref="MirostatTau"/> the order is bias, penalties, DRY,
/// temperature, Mirostat, draw: the five filters are skipped, whatever their values. (With Mirostat, llama.cpp skips the penalties and DRY too; this
/// library does not, but they are off by default.) All draws of a generation, including those of XTC, come from one <see cref="Seed"/>.
/// </remarks>
public sealed partial record GenerationOptions : ComputationOptions
{
    /// <summary>The maximum number of entries of <see cref="StopSequences"/>.</summary>
    public const int MaxStopSequenceCount = 64;

    /// <summary>The maximum number of characters in an entry of <see cref="StopSequences"/>.</summary>
    public const int MaxStopSequenceLength = 1024;

    /// <summary>The maximum number of entries of <see cref="DrySequenceBreakers"/>.</summary>
    public const int MaxDrySequenceBreakerCount = 64;

    /// <summary>The maximum number of characters in an entry of <see cref="DrySequenceBreakers"/>.</summary>
    public const int MaxDrySequenceBreakerLength = 40;

    /// <summary>The maximum number of entries of <see cref="LogitProcessors"/>.</summary>
    public const int MaxLogitProcessorCount = 16;

    /// <summary>The maximum of <see cref="TopLogProbabilityCount"/>.</summary>
    public const int MaxTopLogProbabilityCount = 20;

    // All options share this list: records compare lists by reference, so two options objects that both have the default breakers can be equal.
    private static readonly ReadOnlyCollection<string> s_defaultBreakers = Array.AsReadOnly(["\n", ":", "\"", "*"]);

    /// <summary>
    /// The maximum number of tokens to generate, 1 or more; null (the default) generates until the context is full or the model ends its text.
    /// </summary>
    public int? MaxTokens
    {
        get;
        init => field = value is null ? null : Check(value.Value, 1, int.MaxValue);
    }

    /// <summary>
    /// Divides the logits before the draw: values below 1 favour likely tokens, values above 1 favour unlikely ones. 0 to 100, default 0.8. With 0,
    /// decoding is greedy: the token with the highest logit after bias and penalties is taken; filters, <see cref="DynamicTemperatureRange"/>,
    /// Mirostat and the draw are skipped.
    /// </summary>
    public float Temperature
    {
        get;
        init => field = Check(value, 0f, 100f);
    } = 0.8f;

    /// <summary>
    /// The amount by which the temperature may differ from <see cref="Temperature"/>, depending on the entropy of the probabilities. When the model is
    /// certain of the next token, the temperature is lower by at most this number, and never below 0. When the model is uncertain, the temperature is
    /// higher by at most this number. 0 to 100; default 0, which keeps the temperature constant.
    /// </summary>
    public float DynamicTemperatureRange
    {
        get;
        init => field = Check(value, 0f, 100f);
    }

    /// <summary>
    /// The ratio of the entropy to the maximum entropy, raised to this power, determines where in the range of <see cref="DynamicTemperatureRange"/>
    /// the temperature lies. 0 to 100, default 1.
    /// </summary>
    public float DynamicTemperatureExponent
    {
        get;
        init => field = Check(value, 0f, 100f);
    } = 1f;

    /// <summary>Keeps the k most likely tokens. 0 or more, default 40; 0 keeps all.</summary>
    public int TopK
    {
        get;
        init => field = Check(value, 0, int.MaxValue);
    } = 40;

    /// <summary>
    /// Keeps the smallest set of most likely tokens whose probabilities add up to p or more (nucleus sampling). 0 to 1, default 0.95; 1 keeps all.
    /// </summary>
    public float TopP
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 0.95f;

    /// <summary>Keeps the tokens whose probability is at least p times the probability of the most likely token. 0 to 1, default 0.05; 0 keeps all.</summary>
    public float MinP
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 0.05f;

    /// <summary>
    /// Keeps the tokens whose information content is closest to the entropy, until their probabilities add up to p (locally typical sampling). 0 to
    /// 1, default 1, which keeps all.
    /// </summary>
    public float TypicalP
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 1f;

    /// <summary>
    /// The probability that XTC ("exclude top choices") takes effect when a token is chosen. XTC then excludes all candidates whose probability is at
    /// least <see cref="XtcThreshold"/>, except the least likely of them. 0 to 1; default 0, which turns XTC off.
    /// </summary>
    public float XtcProbability
    {
        get;
        init => field = Check(value, 0f, 1f);
    }

    /// <summary>
    /// The lowest probability with which a token counts as a top choice for XTC. 0 to 1, default 0.1. Above 0.5 XTC has no effect, because no two
    /// tokens can both be that probable.
    /// </summary>
    public float XtcThreshold
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 0.1f;

    /// <summary>
    /// The target surprise per token, in bits, of Mirostat 2 (Basu et al. 2021, arXiv 2007.14966), which replaces the filters: see the remarks on
    /// <see cref="GenerationOptions"/>. 0 to 100; default 0, which turns Mirostat off; 5 is usual.
    /// </summary>
    public float MirostatTau
    {
        get;
        init => field = Check(value, 0f, 100f);
    }

    /// <summary>
    /// Mirostat's learning rate: the number of bits by which the limit of surprise changes after a token whose surprise differs from the target by one bit. 0
    /// to 1,
    /// default 0.1.
    /// </summary>
    public float MirostatEta
    {
        get;
        init => field = Check(value, 0f, 1f);
    } = 0.1f;

    /// <summary>
    /// The multiplier of DRY ("don't repeat yourself"), which makes tokens that would continue a repetition less likely. The penalty applies if the
    /// last n tokens have already occurred earlier in the text, and n is at least <see cref="DryAllowedLength"/>. Then multiplier ·
    /// <see cref="DryBase"/>^(n - allowed length) is subtracted from the logit of the token that followed the earlier occurrence. 0 to 100; default
    /// 0, which turns DRY off; 0.8 is usual.
    /// </summary>
    public float DryMultiplier
    {
        get;
        init => field = Check(value, 0f, 100f);
    }

    /// <summary>The factor by which DRY's penalty grows with each token of the repetition. 1 to 100, default 1.75.</summary>
    public float DryBase
    {
        get;
        init => field = Check(value, 1f, 100f);
    } = 1.75f;

    /// <summary>The shortest repetition, in tokens, whose continuation DRY penalizes. 1 or more, default 2.</summary>
    public int DryAllowedLength
    {
        get;
        init => field = Check(value, 1, int.MaxValue);
    } = 2;

    /// <summary>
    /// The number of tokens, counted back from the newest, in which DRY looks for repetitions; prompt and answer both count. 0 or more; 0 turns DRY
    /// off; null (the default) means all tokens.
    /// </summary>
    public int? DryWindow
    {
        get;
        init => field = value is null ? null : Check(value.Value, 0, int.MaxValue);
    }

    /// <summary>
    /// Texts beyond which DRY does not extend a repetition, so that regularly recurring parts, such as the names in a dialogue, are not penalized. At
    /// most 64, of 1 to 40 characters each; default a line break, <c>:</c>, <c>"</c> and <c>*</c>. Copied when set. The texts are looked up in the
    /// vocabulary when generation starts.
    /// </summary>
    public IReadOnlyList<string> DrySequenceBreakers
    {
        get;
        init => field = CheckTexts(value, MaxDrySequenceBreakerCount, MaxDrySequenceBreakerLength);
    } = s_defaultBreakers;

    /// <summary>
    /// Makes recent tokens less likely: if the logit of a recent token is positive, it is divided by this number, otherwise multiplied by it. 0.01 to
    /// 100; default 1, which has no effect.
    /// </summary>
    public float RepetitionPenalty
    {
        get;
        init => field = Check(value, 0.01f, 100f);
    } = 1f;

    /// <summary>Subtracted from a token's logit for each of its recent occurrences. -2 to 2; default 0, which has no effect.</summary>
    public float FrequencyPenalty
    {
        get;
        init => field = Check(value, -2f, 2f);
    }

    /// <summary>Subtracted once from the logit of every recent token. -2 to 2; default 0, which has no effect.</summary>
    public float PresencePenalty
    {
        get;
        init => field = Check(value, -2f, 2f);
    }

    /// <summary>The number of tokens, counted back from the newest, that the penalties consider; prompt and answer both count. 0 or more, default 64.</summary>
    public int PenaltyWindow
    {
        get;
        init => field = Check(value, 0, int.MaxValue);
    } = 64;

    /// <summary>
    /// The numbers that are added to the logits of individual tokens, by token id; negative infinity bans a token. Default empty. Copied when set.
    /// Ids must be 0 or more (an id beyond the vocabulary is refused when generation starts); values must be finite or negative infinity.
    /// </summary>
    public IReadOnlyDictionary<int, float> LogitBias
    {
        get;
        init => field = CheckLogitBias(value);
    } = FrozenDictionary<int, float>.Empty;

    /// <summary>The seed of the random draws: the same seed, prompt and options give the same text. Default null: a new random seed each time.</summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// Texts that end the generation: when one of them appears, the generation ends, and the text ends directly before it. At most 64, of 1 to 1,024
    /// characters each; default empty. Copied when set.
    /// </summary>
    public IReadOnlyList<string> StopSequences
    {
        get;
        init => field = CheckTexts(value, MaxStopSequenceCount, MaxStopSequenceLength);
    } = [];

    /// <summary>
    /// Tokens that end the generation, in addition to the model's own end tokens (<see cref="ModelTokenizer.EndOfGenerationIds"/>). At most 64
    /// ids, each 0 or more. Default empty. Copied when set.
    /// </summary>
    public IReadOnlyList<int> StopTokens
    {
        get;
        init => field = CheckStopTokens(value);
    } = [];

    /// <summary>
    /// The number of attention sinks (Xiao et al. 2023, "Efficient Streaming Language Models with Attention Sinks"): the first tokens, which are kept
    /// when a generation continues beyond the context. When the context is full, the older half of the tokens after the sinks is dropped, and the
    /// newer half is computed again. A value above half of the context length counts as half. Null (the default) ends the generation when the context
    /// is full, with <see cref="FinishReason.ContextLength"/>.
    /// </summary>
    public int? AttentionSinkCount
    {
        get;
        init => field = value is null ? null : Check(value.Value, 0, int.MaxValue);
    }

    /// <summary>
    /// Whether to report each chosen token's natural-log probability as the model computed it, before bias, penalties, filters and temperature.
    /// Default false.
    /// </summary>
    public bool LogProbabilities { get; init; }

    /// <summary>
    /// How many of the model's likeliest tokens to report at each step, with their natural-log probabilities as the model computed them. The
    /// log-probability of the chosen token is reported in addition. 0 to 20, default 0.
    /// </summary>
    public int TopLogProbabilityCount
    {
        get;
        init => field = Check(value, 0, MaxTopLogProbabilityCount);
    }

    /// <summary>
    /// The form that the text must have, such as JSON that fits a schema; null (the default) allows any text. Tokens that do not fit are never
    /// chosen, whatever the other options say. The generation ends with <see cref="FinishReason.EndOfSequence"/> when the text is complete. The text is complete
    /// even if it ends because of <see cref="MaxTokens"/> or of the length of the context. If either limit is too low for every text that fits the constraint, an
    /// <see cref="OutputConstraintException"/> is thrown before the first token. Where only one text can follow, such as the name of a required property, the
    /// tokens of this text are computed in one pass, unless log-probabilities are requested. <see cref="StopSequences"/> and
    /// <see cref="StopTokens"/> end the text only where the constraint allows its end. The constraint is not part of a saved chat session.
    /// </summary>
    [JsonIgnore]
    public OutputConstraint? Constraint { get; init; }

    /// <summary>
    /// Custom sampling steps, which change logits or drop candidates. Steps at the same place run in the order of the list. At most 16; default
    /// empty. Copied when set. The steps are not part of a saved chat session.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<LogitProcessorStep> LogitProcessors
    {
        get;
        init => field = CheckLogitProcessors(value);
    } = [];

    /// <summary>
    /// How the next tokens are guessed, so that one pass computes several tokens; the text is the same, bit for bit. Null (the default) takes
    /// <see cref="LlamaModelOptions.Speculation"/>. The options are not part of a saved chat session.
    /// </summary>
    [JsonIgnore]
    public SpeculationOptions? Speculation { get; init; }

    /// <summary>
    /// Whether to reuse keys and values of an earlier prompt that begins with the same tokens, and to keep those of this generation for later
    /// prompts. Default true. If false, the whole prompt is computed, as is needed to measure speed, and nothing is kept for other calls. The
    /// generated text is the same either way.
    /// </summary>
    public bool ReusePrefix { get; init; } = true;

    /// <summary>
    /// The number of tokens at the beginning of the prompt that are not secret. Their keys and values are shared by calls of every
    /// <see cref="ComputationOptions.PrefixScope"/>, and any caller may learn that they were computed. 0 or more, default 0. A value beyond the
    /// prompt's length counts as that length. Count only tokens that the application itself wrote, such as its system prompt. Chat sessions ignore
    /// this value, and derive the number of public tokens from <see cref="ChatSessionOptions.PublicSystemPrompts"/>.
    /// </summary>
    [JsonIgnore]
    public int PublicPrefixTokenCount
    {
        get;
        init => field = Check(value, 0, int.MaxValue);
    }

    /// <summary>Whether to continue after a token that would end the text: any of the model's end tokens or <see cref="StopTokens"/>. Default false.</summary>
    public bool IgnoreEndOfSequence { get; init; }

    /// <summary>
    /// Texts with which a prompt format ends answers, in addition to <see cref="StopSequences"/>. They do not count towards the maximum number of
    /// stop sequences.
    /// </summary>
    internal IReadOnlyList<string> FormatStopSequences { get; init; } = [];

    /// <summary>
    /// Tokens with which a prompt format ends answers, in addition to <see cref="StopTokens"/>. They do not count towards the maximum number of stop
    /// tokens.
    /// </summary>
    internal IReadOnlyList<int> FormatStopTokens { get; init; } = [];
}
