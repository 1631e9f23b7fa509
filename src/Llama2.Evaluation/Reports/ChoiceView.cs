using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Reports;

/// <summary>The choices of a multiple-choice question with their log-likelihoods, as people read them.</summary>
/// <param name="Choices">The choices, 2 or more.</param>
/// <param name="CorrectIndex">The index of the right choice; -1 if it is not known.</param>
internal sealed record ChoiceView(IReadOnlyList<(string Text, double LogLikelihood)> Choices, int CorrectIndex)
{
    /// <summary>The index of the likeliest choice.</summary>
    public int BestIndex => ChoiceMetrics.ArgMax([.. Choices.Select(choice => choice.LogLikelihood)]);

    /// <summary>The likeliest choice.</summary>
    public (string Text, double LogLikelihood) Best => Choices[BestIndex];

    /// <summary>The probability of each choice, if one of them must be chosen.</summary>
    public double[] Probabilities => ChoiceMetrics.Softmax([.. Choices.Select(choice => choice.LogLikelihood)]);

    /// <summary>How much likelier the right choice is than the likeliest wrong one, in natural logarithms; null if the right one is not known.</summary>
    public double? Margin => CorrectIndex < 0 ? null : Choices[CorrectIndex].LogLikelihood - Choices.Where((_, index) => index != CorrectIndex).Max(choice => choice.LogLikelihood);

    /// <summary>The choices of an example; null if it is not a multiple-choice question.</summary>
    public static ChoiceView? Of(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses)
    {
        // Requests without a context are made for the mutual information, and are not choices.
        LogLikelihoodRequest[] requests = [.. example.Requests.TakeWhile((request, index) => index == 0 || request is LogLikelihoodRequest { Context: not { Text: "", Messages: null } }).OfType<LogLikelihoodRequest>()];
        if (requests.Length < 2 || requests.Length > responses.Count)
            return null;
        bool areContexts = requests.All(request => request.Continuation == requests[0].Continuation);
        string[] texts = areContexts ? DifferentEnds([.. requests.Select(request => request.Context.ToString())]) : [.. requests.Select(request => request.Continuation.Trim())];
        int correct = Array.IndexOf(texts, example.Target.Trim());
        if (correct < 0 && areContexts)
            correct = Array.FindIndex(requests, request => example.Target.Length > 0 && request.Context.ToString().EndsWith(example.Target, StringComparison.Ordinal));
        // The harness stores the index of the right choice.
        if (correct < 0 && int.TryParse(example.Target, out int index) && index >= 0 && index < texts.Length)
            correct = index;
        return new ChoiceView([.. texts.Select((text, i) => (text, responses[i].LogLikelihood))], correct);
    }

    // What follows the beginning that all texts share, from the start of a word.
    private static string[] DifferentEnds(string[] texts)
    {
        int length = texts.Min(text => text.Length), shared = 0;
        while (shared < length && texts.All(text => text[shared] == texts[0][shared]))
            shared++;
        while (shared > 0 && !char.IsWhiteSpace(texts[0][shared - 1]))
            shared--;
        return [.. texts.Select(text => text[shared..].Trim())];
    }
}
