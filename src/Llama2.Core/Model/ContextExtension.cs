using static System.FormattableString;

namespace Llama2.Model;

/// <summary>What the options of loading make of a model's context: how long it is, and how the rotary embedding is stretched over it.</summary>
internal static class ContextExtension
{
    private const string RopeScalingNames = $"{nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.RopeScaling)}, --rope-scaling";

    /// <param name="configuration">What the file says.</param>
    /// <param name="options">What the caller wants.</param>
    /// <exception cref="ArgumentOutOfRangeException">The wanted length is longer than the model was trained for, or than a scaling makes that.</exception>
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
            ? Invariant($"its rotary scaling by a factor of {scaling.Factor} ({RopeScalingNames}) extends that to at most {Math.Floor(limit):N0}; ask for no more")
            : $"beyond that its text is nonsense; ask for no more, or extend its context by rotary scaling ({RopeScalingNames})";
        throw new ArgumentOutOfRangeException(
            nameof(options), length, Invariant($"The context length ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, --context) is {length:N0}; the model was trained for {configuration.ContextLength:N0} tokens, and {remedy}."));
    }

    /// <summary>The configuration with a scaling in place of the file's, if there is one; YaRN without an original context length takes over the file's.</summary>
    public static ModelConfiguration Apply(ModelConfiguration configuration, RopeScaling? scaling) => scaling switch
    {
        null => configuration,
        { Type: RopeScalingType.Yarn, OriginalContextLength: null }
            => configuration with { RopeScaling = scaling with { OriginalContextLength = configuration.RopeScaling.OriginalContextLength } },
        _ => configuration with { RopeScaling = scaling },
    };
}
