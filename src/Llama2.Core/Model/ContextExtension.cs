using static System.FormattableString;

namespace Llama2.Model;

/// <summary>Applies the loading options to a model's context: its length, and the scaling of the rotary embedding.</summary>
internal static class ContextExtension
{
    private const string RopeScalingNames = $"{nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.RopeScaling)}, --rope-scaling";

    /// <param name="configuration">The configuration of the file.</param>
    /// <param name="options">The caller's options.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The requested length is above the length that the model was trained for, or, with rotary scaling, above the length that the scaling permits.
    /// </exception>
    public static int ChooseLength(ModelConfiguration configuration, LlamaModelOptions options)
    {
        int length = options.ContextLength ?? configuration.ContextLength;
        // The length that a file states already includes the file's own scaling, unless that scaling is dynamic.
        RopeScaling? scaling = options.RopeScaling ?? (configuration.RopeScaling.Type == RopeScalingType.DynamicNtk ? configuration.RopeScaling : null);
        double limit = Math.Min(configuration.ContextLength * (scaling?.MaxStretch ?? 1), RopeScaling.MaxContextLength);
        if (length <= limit)
        {
            return length;
        }

        string remedy = scaling is not null
            ? Invariant($"its rotary scaling by a factor of {scaling.Factor} ({RopeScalingNames}) extends that to at most {Math.Floor(limit):N0}; request at most that length")
            : $"beyond that its text is nonsense; request at most that length, or extend the context by rotary scaling ({RopeScalingNames})";
        throw new ArgumentOutOfRangeException(
            nameof(options), length, Invariant($"The context length ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, --context) is {length:N0}; the model was trained for {configuration.ContextLength:N0} tokens, and {remedy}."));
    }

    /// <summary>
    /// Returns the configuration with the options' scaling, if they state one, instead of the file's scaling. If the options state YaRN without an
    /// original context length, the original context length of the file's own scaling is used.
    /// </summary>
    public static ModelConfiguration Apply(ModelConfiguration configuration, RopeScaling? scaling) => scaling switch
    {
        null => configuration,
        { Type: RopeScalingType.Yarn, OriginalContextLength: null }
            => configuration with { RopeScaling = scaling with { OriginalContextLength = configuration.RopeScaling.OriginalContextLength } },
        _ => configuration with { RopeScaling = scaling },
    };
}
