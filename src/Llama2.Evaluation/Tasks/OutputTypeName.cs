namespace Llama2.Evaluation.Tasks;

/// <summary>The names of <see cref="DocumentOutput"/> in lm-evaluation-harness (<c>output_type</c>).</summary>
internal static class OutputTypeName
{
    private static readonly Dictionary<DocumentOutput, string> s_names = new()
    {
        [DocumentOutput.MultipleChoice] = "multiple_choice",
        [DocumentOutput.LogLikelihood] = "loglikelihood",
        [DocumentOutput.RollingLogLikelihood] = "loglikelihood_rolling",
        [DocumentOutput.Generation] = "generate_until",
    };

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> All => s_names.Values;

    /// <summary>The name of a kind of requests.</summary>
    public static string Of(DocumentOutput output) => s_names[output];

    /// <summary>The kind of requests with a name; null if there is none.</summary>
    public static DocumentOutput? Find(string name)
    {
        foreach ((DocumentOutput output, string known) in s_names)
        {
            if (known == name)
                return output;
        }

        return null;
    }
}
